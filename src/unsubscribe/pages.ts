import { createHash } from "node:crypto";
import { escapeHtml } from "../text/escape_html.ts";
import { PAGE_FIELD } from "./unsubscribe_request.ts";

/** The pages that people see; they reveal nothing about the link. */
export interface UnsubscribePages {
  /** With the button; opening it changes nothing. */
  readonly ask: string;
  readonly done: string;
  /** With the button: the list could not be written, and nothing has changed. */
  readonly failed: string;
  readonly tooMany: string;
  readonly notFound: string;
  /** The Content-Security-Policy of all of them. */
  readonly policy: string;
}

const STYLE = `
:root { color-scheme: light dark; --ground: #f3f4f6; --card: #fff; --text: #16191d; --quiet: #565e69;
  --line: #dcdfe4; --button: #1d4fd7; --press: #163fae; --on-button: #fff; }
@media (prefers-color-scheme: dark) { :root { --ground: #111316; --card: #1b1e23; --text: #edeff2; --quiet: #a6adb8;
  --line: #31363e; --button: #8ab4ff; --press: #adcaff; --on-button: #0b1a38; } }
* { box-sizing: border-box; }
html { font: 100%/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
body { margin: 0; min-height: 100vh; min-height: 100svh; display: grid; place-items: center; padding: 1.25rem;
  background: var(--ground); color: var(--text); -webkit-text-size-adjust: 100%; }
main { width: 100%; max-width: 27rem; padding: 2rem 1.75rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 1rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 .75rem; font-size: clamp(1.25rem, 6.5vw, 1.5rem); line-height: 1.25; font-weight: 650; text-wrap: balance; }
p { margin: 0 0 1.5rem; text-wrap: pretty; }
p:last-child { margin-bottom: 0; }
.quiet { font-size: .9375rem; color: var(--quiet); }
button { display: block; width: 100%; min-height: 3rem; margin: 0 0 1.25rem; padding: .75rem 1.25rem; border: 0;
  border-radius: .625rem; background: var(--button); color: var(--on-button); font: inherit; font-weight: 600;
  cursor: pointer; }
button:hover, button:active { background: var(--press); }
button:focus-visible { outline: 3px solid var(--button); outline-offset: 3px; }
@media (forced-colors: active) { button { border: 2px solid ButtonText; } }
`;

/** Nothing is loaded, nothing runs, nobody can frame it, and the form can only come back here. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * Renders the pages once; they are the same for everybody.
 *
 * @param sender The name by which people know the sender; undefined: "this sender".
 */
export function pagesOf(sender: string | undefined): UnsubscribePages {
  const from = sender === undefined ? "this sender" : escapeHtml(sender);
  const button = (text: string) =>
    `<form method="post"><button name="${PAGE_FIELD.name}" value="${PAGE_FIELD.value}">${text}</button></form>`;
  return {
    ask: page("Unsubscribe", [
      `<h1>Unsubscribe from ${from}?</h1>`,
      "<p>The address that received this link will get no more of these emails.</p>",
      button("Unsubscribe"),
      '<p class="quiet">Nothing changes until you press the button.</p>',
    ]),
    done: page("Unsubscribed", [
      "<h1>You are unsubscribed</h1>",
      `<p>The address that received the link will get no more emails from ${from}. An email that is already on its way may still arrive.</p>`,
      '<p class="quiet">If emails keep coming, use the link in the latest one.</p>',
    ]),
    failed: page("Please try again", [
      "<h1>That did not work</h1>",
      "<p>We could not save your request just now. Nothing has changed. Please try again in a minute.</p>",
      button("Try again"),
    ]),
    tooMany: page("Please wait", [
      "<h1>One moment, please</h1>",
      "<p>Too many requests have come from your network. Please try again in a minute.</p>",
    ]),
    notFound: page("Not found", [
      "<h1>Nothing is here</h1>",
      "<p>Please open the link in your email again.</p>",
    ]),
    policy: POLICY,
  };
}

function page(title: string, body: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body.join("\n")}
</main>
</body>
</html>
`;
}
