/** The style of the page: a list beside the mail, and above it where there is little room; light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #f3f4f6; --card: #fff; --text: #16191d; --quiet: #565e69; --line: #dcdfe4;
  --mark: #1d4fd7; --on-mark: #fff; --chosen: #e6edfd; --stage: #e4e7eb; --warn: #fff5dc; --warn-line: #e8cd86; }
@media (prefers-color-scheme: dark) { :root { --ground: #111316; --card: #1b1e23; --text: #edeff2; --quiet: #a6adb8;
  --line: #31363e; --mark: #8ab4ff; --on-mark: #0b1a38; --chosen: #22304d; --stage: #0b0d0f; --warn: #33290f;
  --warn-line: #66521c; } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { font: 100%/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
body { margin: 0; background: var(--ground); color: var(--text); -webkit-text-size-adjust: 100%; }
button, select, input { font: inherit; color: inherit; }
button { cursor: pointer; }
button:disabled { cursor: default; }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
h1, h2, h3, p, ul, ol, dl, dd, pre { margin: 0; padding: 0; }
ul, ol { list-style: none; }
b { font-weight: 600; }
h1, h2, dd, b, td, .about, .facts li { unicode-bidi: isolate; overflow-wrap: anywhere; }
.note { padding: 1rem; }

header { padding: .875rem 1.25rem; background: var(--card); border-bottom: 1px solid var(--line); }
h1 { font-size: 1.0625rem; line-height: 1.3; font-weight: 650; }
.facts { display: flex; flex-wrap: wrap; column-gap: 1.25rem; font-size: .875rem; color: var(--quiet); }

.side { display: none; }
.side input { margin: .75rem .75rem 0; padding: .5rem .75rem; border: 1px solid var(--line); border-radius: .5rem;
  background: var(--ground); font-size: .9375rem; }
.side ol { flex: 1; overflow: auto; margin-top: .75rem; border-top: 1px solid var(--line); padding: .75rem; scroll-padding: .75rem; }
.side li button { display: grid; width: 100%; padding: .5rem .75rem; border: 0; border-radius: .5rem; background: none;
  text-align: start; line-height: 1.4; }
.side li button:hover { background: var(--ground); }
.side li button[aria-current] { background: var(--chosen); }
.side li b { font-size: .9375rem; }
.side .about { font-size: .875rem; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.side .small { font-size: .8125rem; color: var(--quiet); }
.side .none .about { font-style: italic; }
.hint { padding: .5rem 1.25rem .625rem; border-top: 1px solid var(--line); font-size: .8125rem; color: var(--quiet); }
kbd { padding: 0 .375rem; border: 1px solid var(--line); border-radius: .25rem; font: inherit; }

main { padding: .75rem 0 0; }
.pager { display: flex; gap: .5rem; align-items: center; padding: 0 .75rem; }
.pager button, .pager select { height: 2.75rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--card); }
.pager button { flex: none; width: 2.75rem; font-size: 1.375rem; line-height: 1; }
.pager button:disabled { opacity: .4; }
.pager select { flex: 1; min-width: 0; padding: 0 .5rem; text-overflow: ellipsis; }
#place { display: none; font-size: .875rem; color: var(--quiet); font-variant-numeric: tabular-nums; }
article { margin-top: .75rem; background: var(--card); border-top: 1px solid var(--line); }
h2 { padding: 1rem 1.25rem .5rem; font-size: 1.25rem; line-height: 1.3; font-weight: 650; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .125rem .875rem; padding: 0 1.25rem; font-size: .9375rem; }
dt { color: var(--quiet); }
a { color: var(--mark); }
#files { display: flex; flex-wrap: wrap; gap: .5rem; padding: .75rem 1.25rem 0; font-size: .875rem; }
#files:empty { display: none; }
#files li { display: flex; flex-wrap: wrap; column-gap: .5rem; padding: .25rem .625rem; border: 1px solid var(--line);
  border-radius: .5rem; background: var(--ground); }
#files span, .widths span { color: var(--quiet); }
#files .inline { border-style: dashed; background: none; }
.bar { margin-top: .75rem; }
.tabs { display: flex; gap: .25rem; padding: 0 .75rem; overflow-x: auto; border-bottom: 1px solid var(--line); }
.tabs button { flex: none; min-height: 2.75rem; padding: 0 .625rem; border: 0; border-bottom: 3px solid transparent;
  background: none; color: var(--quiet); font-size: .9375rem; }
.tabs button:focus-visible { outline-offset: -2px; }
.tabs button:disabled { opacity: .5; }
.tabs button[aria-selected="true"] { border-color: var(--mark); color: var(--text); font-weight: 600; }
.bare .bar, .bare section { display: none !important; }
#remote { padding: .5rem 1.25rem; border-bottom: 1px solid var(--warn-line); background: var(--warn); font-size: .875rem;
  overflow-wrap: anywhere; }
#notes li { margin: .75rem 1.25rem 0; padding: .5rem .75rem; border: 1px solid var(--warn-line); border-radius: .5rem;
  background: var(--warn); font-size: .9375rem; overflow-wrap: anywhere; }
.bare #notes { padding-bottom: 1.25rem; }

.widths { display: flex; gap: .375rem; padding: .625rem 1.25rem; }
.widths button { min-height: 2.25rem; padding: 0 .75rem; border: 1px solid var(--line); border-radius: .5rem;
  background: none; font-size: .875rem; }
.widths button[aria-pressed="true"] { border-color: var(--mark); background: var(--mark); color: var(--on-mark); font-weight: 600; }
.widths [aria-pressed="true"] span { color: inherit; }
.stage { overflow-x: auto; background: var(--stage); }
iframe { display: block; height: 80vh; height: 80svh; border: 0; background: #fff; color-scheme: light; }
.phone iframe { width: 390px; margin: 0 auto; }
.desktop iframe { width: 100%; min-width: 800px; }
pre { padding: 1rem 1.25rem; font: .8125rem/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; }
#text pre { font-size: .875rem; }
h3 { padding: 1rem 1.25rem 0; font-size: .9375rem; font-weight: 600; }
table { width: 100%; border-collapse: collapse; font-size: .875rem; }
th, td { padding: .5rem 1.25rem; border-bottom: 1px solid var(--line); text-align: start; vertical-align: top; }
th { color: var(--quiet); font-weight: 500; }
td:first-child { width: 34%; padding-inline-end: 0; font-weight: 500; }

@media (min-width: 800px) {
  body { display: flex; flex-direction: column; height: 100vh; }
  .app { flex: 1; min-height: 0; display: grid; grid-template-columns: minmax(16rem, 21rem) minmax(0, 1fr); }
  .side { display: flex; flex-direction: column; min-height: 0; background: var(--card); border-inline-end: 1px solid var(--line); }
  main { position: relative; display: flex; min-height: 0; padding: 1rem; }
  .pager { position: absolute; z-index: 1; inset-block-start: 1.625rem; inset-inline-end: 2rem; padding: 0; }
  .pager select { display: none; }
  .pager button { width: 2.25rem; height: 2.25rem; }
  #place { display: inline; }
  article { flex: 1; min-width: 0; margin: 0; display: flex; flex-direction: column; border: 1px solid var(--line);
    border-radius: .75rem; overflow: hidden; }
  header { display: flex; align-items: baseline; column-gap: 1.5rem; padding-block: .625rem; }
  h2 { margin: 1rem 12.5rem .375rem 1.25rem; padding: 0; display: -webkit-box; -webkit-box-orient: vertical;
    -webkit-line-clamp: 2; overflow: hidden; }
  .bar { display: flex; border-bottom: 1px solid var(--line); }
  .tabs { flex: 1; border: 0; }
  .widths { align-items: center; padding-block: 0; }
  td:first-child { width: 13rem; }
  #links td:first-child { width: 40%; }
  section { flex: 1; min-height: 0; overflow: auto; }
  #html { display: flex; flex-direction: column; overflow: hidden; }
  .stage { flex: 1; min-height: 0; }
  .phone { padding: 1rem; }
  iframe { height: 100%; }
  .phone iframe { border-radius: .5rem; }
  .desktop iframe { min-width: 0; }
}
@media (forced-colors: active) { [aria-current], [aria-selected="true"], [aria-pressed="true"] { outline: 2px solid Highlight; } }
@media print { .side, .pager, .tabs, .widths { display: none; } body { height: auto; } }
`;
