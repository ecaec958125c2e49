export const LIST =
  "Name,Email\nAnn,ann@example.com\nZoë,zoe@example.com\nBob,bob@\nAnn,ANN@example.com\n";
export const TEMPLATE =
  "From: Acme <news@example.com>\nSubject: Hello, {{ Name }}\n\nDear {{ Name }}!\n";
/** A list with a bad row and a duplicate, and a template. */
export const FILES = { "emails.csv": LIST, "email.txt": TEMPLATE };
/** The options that name them. */
export const GIVEN = ["--recipients", "emails.csv", "--template", "email.txt"];

/** A campaign with two recipients and complete settings, for the sandbox. */
export const CAMPAIGN_FILES = {
  "list.csv": "Name,Email\nAnn,ann@x.test\nBob,bob@x.test\n",
  "mail.txt": "From: Acme <news@acme.test>\nSubject: Hello, {{ Name }}\n\nDear {{ Name }}!\n",
  "campaign.toml":
    'id = "spring"\nrecipients = "list.csv"\ntemplate = "mail.txt"\nsmtp = "sandbox:"\n',
};
