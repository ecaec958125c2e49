/** Modest, so that the mail looks native in a mail program: a readable width, the system's font, no colours. */
const FRAGMENT_STYLE =
  "max-width:40em;margin:0 auto;padding:1em;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif";

/** Wraps a fragment in a whole document. */
export function documentAround(html: string, language: string | undefined): string {
  const lang = language === undefined ? "" : ` lang="${language}"`;
  return `<!DOCTYPE html>
<html${lang}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
</head>
<body style="${FRAGMENT_STYLE}">
${html.trimEnd()}
</body>
</html>
`;
}
