import { createHash } from "node:crypto";
import { countOf } from "../text/quantity.ts";
import { escapeHtml } from "../text/escape_html.ts";
import assets from "./page_assets.json" with { type: "json" };
import { ENTRIES, type GalleryEntry } from "./viewer/page_data.ts";

/** What the page says about itself. */
export interface About {
  readonly campaign: string;
  /** File names, as the user gave them. */
  readonly list: string;
  readonly template: string;
  readonly rows: number;
  /** Milliseconds since the epoch. */
  readonly madeAt: number;
}

/**
 * Nothing is fetched, and no script runs but the page's own. A `srcdoc` frame inherits this policy from the page, and mails contain
 * their own styles: that is why styles need no hash here. The page itself never turns the content of a mail into markup.
 */
const POLICY = [
  "default-src 'none'",
  `script-src 'sha256-${createHash("sha256").update(assets.script).digest("base64")}'`,
  "style-src 'unsafe-inline'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** The page up to its data. */
export function pageHead({ campaign, list, template, rows, madeAt }: About): string {
  const made = new Date(madeAt).toISOString().slice(0, 16).replace("T", " ");
  const facts = [
    countOf(rows, "recipient"),
    `list ${list}`,
    `template ${template}`,
    `made ${made} UTC`,
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex, nofollow">
<title>Preview of ${escapeHtml(campaign)}</title>
<style>${assets.style}</style>
</head>
<body>
<header>
<h1>Preview of ${escapeHtml(campaign)}</h1>
<ul class="facts">${facts.map((fact) => `<li>${escapeHtml(fact)}</li>`).join("")}</ul>
</header>
${BODY}
`;
}

/** A block of data that the viewer reads when needed; nothing in it can end the block or run. */
export function pageBlock(id: string, data: unknown): string {
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  return `<script type="application/json" id="${id}">${json}</script>\n`;
}

/** The rest of the page. */
export function pageTail(entries: readonly GalleryEntry[]): string {
  return `${pageBlock(ENTRIES, entries)}<script>${assets.script}</script>
</body>
</html>
`;
}

const BODY =
  `<noscript><p class="note">This page needs JavaScript to show the mails. The .eml files beside it do not.</p></noscript>
<div class="app" id="app" hidden>
<nav class="side" aria-label="Recipients">
<input type="search" id="find" placeholder="Find a recipient or subject" aria-label="Find a recipient or subject" autocomplete="off" spellcheck="false">
<ol id="list"></ol>
<p class="hint"><kbd>↑</kbd> <kbd>↓</kbd> browse the mails</p>
</nav>
<main>
<div class="pager">
<button id="previous" aria-label="Previous mail">‹</button>
<select id="pick" aria-label="Mail"></select>
<span id="place"></span>
<button id="next" aria-label="Next mail">›</button>
</div>
<article id="mail" aria-labelledby="subject">
<h2 id="subject"></h2>
<dl id="envelope"></dl>
<ul id="files" aria-label="Attachments"></ul>
<ul id="notes"></ul>
<div class="bar">
<div class="tabs" role="tablist" aria-label="Parts of the mail">
<button role="tab" id="tab-html" aria-controls="html">HTML</button>
<button role="tab" id="tab-text" aria-controls="text">Text</button>
<button role="tab" id="tab-links" aria-controls="links">Links</button>
<button role="tab" id="tab-headers" aria-controls="headers">Headers</button>
<button role="tab" id="tab-source" aria-controls="source">Source</button>
</div>
<div class="widths" id="widths" role="group" aria-label="Width">
<button id="phone" aria-pressed="false">Phone <span>390 px</span></button>
<button id="desktop" aria-pressed="false">Desktop</button>
</div>
</div>
<section role="tabpanel" id="html" aria-labelledby="tab-html"><p id="remote"></p><div class="stage" id="stage"></div></section>
<section role="tabpanel" id="text" aria-labelledby="tab-text"><pre tabindex="0"></pre></section>
<section role="tabpanel" id="links" aria-labelledby="tab-links"><table><thead><tr><th>Text</th><th>Leads to</th></tr></thead><tbody></tbody></table></section>
<section role="tabpanel" id="headers" aria-labelledby="tab-headers"><table><thead><tr><th>Field</th><th>As read</th></tr></thead><tbody></tbody></table><h3>As sent</h3><pre tabindex="0"></pre></section>
<section role="tabpanel" id="source" aria-labelledby="tab-source"><pre tabindex="0"></pre></section>
</article>
</main>
</div>`;
