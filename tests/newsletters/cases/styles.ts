import { BLACK, type Case, DARK, GREEN, NARROW, RED, WHITE } from "./case.ts";

/** A picture. */
const DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

/** Rules that stay in `<style>` win where they won. */
export const STAYING: readonly Case[] = [
  {
    name: "Dark mode wins over a colour that is set for all",
    head: "<style>p{color:#111}@media(prefers-color-scheme:dark){p{color:#fff}}</style>",
    body: "<p>x</p>",
    look: DARK,
    shows: [["style('p').color", WHITE]],
  },
  {
    name: "In light mode, the colour that is set for all applies",
    head: "<style>p{color:#111}@media(prefers-color-scheme:dark){p{color:#fff}}</style>",
    body: "<p>x</p>",
    shows: [["style('p').color", BLACK]],
  },
  {
    name: "A media query that comes before a rule does not win over it",
    head: "<style>@media(max-width:500px){p{color:red}}p{color:#111}</style>",
    body: "<p>x</p>",
    look: NARROW,
    shows: [["style('p').color", BLACK]],
  },
  {
    name: "A more specific media query wins over what comes later",
    head: "<style>@media(max-width:500px){p.a{color:red}}p{color:#111}</style>",
    body: '<p class="a">x</p>',
    look: NARROW,
    shows: [["style('p').color", RED]],
  },
  {
    name: "A longhand in a media query wins over a part of a shorthand",
    head: "<style>p{margin:8px}@media(max-width:500px){p{margin-left:1px}}</style>",
    body: "<p>x</p>",
    look: NARROW,
    shows: [["style('p').marginLeft", "1px"], ["style('p').marginRight", "8px"]],
  },
  {
    name: "A shorthand in a media query wins over a longhand",
    head: "<style>p{margin-left:8px}@media(max-width:500px){p{margin:1px}}</style>",
    body: "<p>x</p>",
    look: NARROW,
    shows: [["style('p').marginLeft", "1px"]],
  },
  {
    name: "A media query does not win over the element's own style attribute",
    head: "<style>p{color:green}@media(max-width:500px){p{color:red}}</style>",
    body: '<p style="color:#111">x</p>',
    look: NARROW,
    shows: [["style('p').color", BLACK]],
  },
  {
    name: "An author's !important wins over a media query",
    head: "<style>p{color:#111!important}@media(max-width:500px){p{color:red}}</style>",
    body: "<p>x</p>",
    look: NARROW,
    shows: [["style('p').color", BLACK]],
  },
  {
    name: "Of two media queries that both apply, the later one wins",
    head:
      "<style>p{color:#111}@media(max-width:600px){p{color:red}}@media(max-width:500px){p{color:green}}</style>",
    body: "<p>x</p>",
    look: NARROW,
    shows: [["style('p').color", GREEN]],
  },
  {
    name: "Fallbacks within a rule apply if the browser does not know a value",
    head: "<style>p{color:#111;color:no-colour(1)}</style>",
    body: "<p>x</p>",
    shows: [["style('p').color", BLACK]],
  },
  {
    name: "@supports and @import stay",
    head:
      "<style>@import url(https://a.example/x.css);p{color:#111}@supports(display:grid){p{color:red}}</style>",
    body: "<p>x</p>",
    shows: [
      ["style('p').color", RED],
      [
        "document.querySelector('style').textContent.includes('@import url(https://a.example/x.css)')",
        true,
      ],
    ],
  },
  {
    name: "Generated content stays",
    head: '<style>a::before{content:"> "}</style>',
    body: '<a href="https://a.example/">x</a>',
    shows: [["style('a', '::before').content", '"> "']],
  },
  {
    name: "A sheet for print does not apply to screens",
    head: '<style media="print">p{color:red}</style><style>p{color:#111}</style>',
    body: "<p>x</p>",
    shows: [["style('p').color", BLACK]],
  },
];

/** Rules about what mail programs add. */
export const CLIENTS: readonly Case[] = [
  {
    name: "#outlook a applies if Outlook wraps the mail in such an element",
    head: "<style>a{color:#111}#outlook a{color:red}</style>",
    body: '<div class="around"><a href="https://a.example/">x</a></div>',
    before: "document.querySelector('.around').id = 'outlook'",
    shows: [["style('a').color", RED]],
  },
  {
    name: "[data-ogsc] applies once Outlook has set the attribute",
    head: "<style>.x{color:#111}[data-ogsc] .x{color:#fff}</style>",
    body: '<div><p class="x">x</p></div>',
    before: "document.querySelector('div').setAttribute('data-ogsc', '')",
    shows: [["style('p').color", WHITE]],
  },
  {
    name: "u + #body applies once Gmail has inserted its <u>",
    head: "<style>.x{color:#111}u + #body .x{color:red}</style>",
    body: '<div id="body"><p class="x">x</p></div>',
    before: "document.querySelector('#body').before(document.createElement('u'))",
    shows: [["style('p').color", RED]],
  },
  {
    name: ".moz-text-html applies within Thunderbird's element",
    head: "<style>.x{color:#111}.moz-text-html .x{color:red}</style>",
    body: '<div><p class="x">x</p></div>',
    before: "document.querySelector('div').className = 'moz-text-html'",
    shows: [["style('p').color", RED]],
  },
  {
    name: "a[x-apple-data-detectors] applies to links that the client makes",
    head: "<style>a{color:#111}a[x-apple-data-detectors]{color:red}</style>",
    body: "<p>Monday</p>",
    before: "document.querySelector('p').innerHTML = '<a x-apple-data-detectors=true>Monday</a>'",
    shows: [["style('a').color", RED]],
  },
  {
    name: ":checked applies once the reader has checked the box",
    head: "<style>p{color:#111}#i:checked ~ p{color:red}</style>",
    body: '<input type="checkbox" id="i"><p>x</p>',
    before: "document.querySelector('input').checked = true",
    shows: [["style('p').color", RED]],
  },
];

/** No attribute is added, changed or misread. */
export const ATTRIBUTES: readonly Case[] = [
  {
    name: "table{text-align:left} makes no floating table",
    head: "<style>table{text-align:left}</style>",
    body: "<table><tr><td>x</td></tr></table>",
    shows: [
      ["style('table').float", "none"],
      ["style('table').textAlign", "left"],
      ["document.querySelector('table').hasAttribute('align')", false],
    ],
  },
  {
    name: "img{width:auto} leaves the width attribute alone",
    head: "<style>img{width:auto}</style>",
    body: '<img src="https://a.example/i.png" width="600" height="5" alt="">',
    shows: [["document.querySelector('img').getAttribute('width')", "600"]],
  },
  {
    name: "A quote in title=it's hides nothing that follows",
    head: "<style>p{color:red}</style>",
    body: '<p title=it\'s>x</p><p id="i">y</p><img src="https://a.example/i.png" alt="it\'s">',
    shows: [
      ["document.querySelector('p').title", "it's"],
      ["style('#i').color", RED],
      ["document.images.length", 1],
    ],
  },
  {
    name: 'alt="a width=600 b" is one attribute',
    head: "<style>img{width:5px}</style>",
    body: `<img src="${DOT}" alt="a width=600 b" width="600">`,
    shows: [
      ["document.querySelector('img').alt", "a width=600 b"],
      ["document.querySelector('img').getAttribute('width')", "600"],
      ["style('img').width", "5px"],
    ],
  },
  {
    name: "An SVG picture in CSS is the picture",
    head:
      `<style>p{background:url("data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' width='9'><path d='M0 0'/></svg>");color:red}</style>`,
    body: "<p>x</p>",
    shows: [
      [
        "style('p').backgroundImage.includes(\"<svg xmlns='http://www.w3.org/2000/svg' width='9'><path d='M0 0'/></svg>\")",
        true,
      ],
      ["style('p').color", RED],
      ["document.querySelectorAll('svg').length", 0],
    ],
  },
  {
    name: "Markup in an attribute's value is no markup",
    head: "<style>b{color:red}</style>",
    body: '<p title="<b class=x>">x</p><!-- <b> --><b>y</b>',
    shows: [["document.querySelector('p').title", "<b class=x>"], ["style('b').color", RED]],
  },
];
