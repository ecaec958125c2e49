/** Style sheets, an element of the body, and their result in the mail. */
export interface Case {
  readonly name: string;
  readonly css: string;
  readonly body: string;
  /** Of `css`; undefined: as it was. */
  readonly newCss?: string;
  readonly newBody: string;
}

export const CASES: readonly Case[] = [
  {
    name: "each selector of a list counts by itself",
    css: "p, a:hover, #outlook a { color: red }",
    body: "<p>x</p>",
    newBody: `<p style="color:red">x</p>`,
  },
  {
    name: "the stronger rule comes last, and what the author has in the attribute after it",
    css: ".a { color: red; margin: 0 } p { color: blue; margin-left: 1px }",
    body: `<p class="a" style="padding: 0">x</p>`,
    newBody: `<p class="a" style="color:blue;margin-left:1px;color:red;margin:0;padding: 0">x</p>`,
  },
  {
    name: "a property of the author's own is not repeated, unless no browser reads it",
    css: "p { color: red; font-weight: bold }",
    body: `<p style="color: blue; font-weight: regular">x</p>`,
    newBody: `<p style="font-weight:bold;color: blue; font-weight: regular">x</p>`,
  },
  {
    name: "a media query that held over a rule still does",
    css: "p{color:#111}@media(prefers-color-scheme:dark){p{color:#fff}}",
    body: "<p>x</p>",
    newCss: "p{color:#111}@media(prefers-color-scheme:dark){p{color:#fff !important}}",
    newBody: `<p style="color:#111">x</p>`,
  },
  {
    name: "a media query that did not hold still does not",
    css: "#i{color:#111}@media(prefers-color-scheme:dark){p{color:#fff}}",
    body: `<p id="i">x</p>`,
    newBody: `<p style="color:#111" id="i">x</p>`,
  },
  {
    name: "a state held over a rule, and what the author has in an attribute over both",
    css: "a{color:#111}a:hover{color:red}",
    body: `<a>x</a><a style="color:blue">y</a>`,
    newCss: "a{color:#111}a:hover{color:red !important}",
    newBody: `<a style="color:#111">x</a><a style="color:blue;color:blue !important">y</a>`,
  },
  {
    name:
      "what cannot become important without winning over more keeps from being inlined what it held over",
    css: "p{color:#111}p:hover{color:red}p#i{color:blue}",
    body: `<p>x</p><p id="i">y</p>`,
    newBody: `<p>x</p><p style="color:blue" id="i">y</p>`,
  },
  {
    name: "a part of a shorthand counts as the whole, and the other way round",
    css: "p{margin:0}@media(max-width:9px){p{margin-left:1px}}",
    body: "<p>x</p>",
    newCss: "p{margin:0}@media(max-width:9px){p{margin-left:1px !important}}",
    newBody: `<p style="margin:0">x</p>`,
  },
  {
    name: "important stays important, but under a rule that is so too and does not always hold",
    css:
      "p{color:red!important;margin:0 ! important}@media(max-width:9px){p{margin:1px!important}}",
    body: `<p style="margin:5px">x</p>`,
    newBody: `<p style="margin:5px;color:red !important;margin:0">x</p>`,
  },
  {
    name: "no attribute is made but style",
    css: "table{text-align:left;width:50px}img{width:auto}td{background:#eee}",
    body: `<table><tr><td><img width="600" src="https://x.example/a.png"></td></tr></table>`,
    newBody:
      `<table style="text-align:left;width:50px"><tr><td style="background:#eee"><img style="width:auto" width="600" src="https://x.example/a.png"></td></tr></table>`,
  },
  {
    name: "what is hooked on a mail program's own elements stays, and holds over what is inlined",
    css:
      ".x{color:#111}[data-ogsc] .x{color:#eee}u + #body .x{color:#ddd}.moz-text-html .y{color:red}",
    body: `<div id="body"><p class="x">x</p></div>`,
    newCss:
      ".x{color:#111}[data-ogsc] .x{color:#eee !important}u + #body .x{color:#ddd !important}.moz-text-html .y{color:red}",
    newBody: `<div id="body"><p style="color:#111" class="x">x</p></div>`,
  },
  {
    name: "pseudo-elements, imports, fonts, comments of HTML and broken rules stay",
    css:
      `<!-- @import "https://x.example/a.css"; @font-face{font-family:X;src:url(https://x.example/x.woff)} p::before{content:"a"} p:checked{color:red} b{color:} } p{color:red} -->`,
    body: "<p>x</p>",
    newBody: `<p>x</p>`,
  },
  {
    name: "a list with a selector that some browser does not know is no sure rule",
    css: "p,a:-moz-any-link{color:red}p::-moz-selection,p{margin:0}",
    body: "<p>x</p>",
    newBody: `<p>x</p>`,
  },
  {
    name: "what @supports, @media screen and layers say stays",
    css: "@supports(color:red){p{color:red}}@media screen{p{margin:0}}@layer a{p{padding:0}}",
    body: "<p>x</p>",
    newBody: "<p>x</p>",
  },
  {
    name: "quotes of a value become single ones, and what cannot is an entity",
    css: `p{font-family:"Open Sans",'A"B';background:url("https://x.example/?a=1&b=2")}`,
    body: "<p>x</p>",
    newBody:
      `<p style="font-family:'Open Sans','A&quot;B';background:url('https://x.example/?a=1&amp;b=2')">x</p>`,
  },
  {
    name: "a row that is the last only sometimes has its styles in the sheet alone",
    css: "td{color:red}tr:last-child td{color:blue}",
    body: `<table>{% for i in (1..2) %}<tr><td>{{ i }}</td></tr>{% endfor %}</table>`,
    newCss: "td{color:red}tr:last-child td{color:blue !important}",
    newBody:
      `<table><tr><td style="color:red">1</td></tr><tr><td style="color:red">2</td></tr></table>`,
  },
  {
    name: "an element that is the first on one branch only is not known as the first",
    css: "p:first-of-type{color:blue}",
    body: `<div>{% if Name == "no" %}<p>x</p>{% else %}<p>y</p>{% endif %}<p>z</p></div>`,
    newBody: `<div><p>y</p><p>z</p></div>`,
  },
  {
    name: "around what is closed on a branch, nothing is sure but the element itself",
    css: ".a p{color:red}p{margin:0}",
    body: `<div class="a">{% if Name %}</div><div class="b">{% endif %}<p>x</p></div>`,
    newBody: `<div class="a"></div><div class="b"><p style="margin:0">x</p></div>`,
  },
  {
    name: "a class that a branch gives is not there for everybody",
    css: ".a{color:red}.b{margin:0}",
    body: `<p class="b {% if Name %}a{% endif %}">x</p><p {% if Name %}class="a"{% endif %}>y</p>`,
    newBody: `<p style="margin:0" class="b a">x</p><p class="a">y</p>`,
  },
  {
    name: "a rule that Outlook alone reads holds over what would be inlined",
    css:
      "p{color:red;margin:0}</style><!--[if mso]><style>p{color:blue}</style><![endif]--><style>",
    body: "<p>x</p>",
    newBody: `<p style="margin:0">x</p>`,
  },
  {
    name: "a sheet that Outlook does not read is not for everybody",
    css: "</style><!--[if !mso]><!--><style>p{color:red}</style><!--<![endif]--><style>p{margin:0}",
    body: "<p>x</p>",
    newBody: `<p style="margin:0">x</p>`,
  },
  {
    name: "a selector that looks at the style attribute finds what it found",
    css: `div{margin:0}div[style*="margin"]{color:red}`,
    body: `<div>x</div><div style="padding:0">y</div>`,
    newBody: `<div>x</div><div style="padding:0">y</div>`,
  },
  {
    name: "an animation is not stopped",
    css: "@keyframes k{to{color:blue}}p{color:red}p:hover{color:green}",
    body: "<p>x</p>",
    newBody: "<p>x</p>",
  },
  {
    name: "important is the same in capitals",
    css: "p{margin:0!IMPORTANT;padding:0 ! Important}",
    body: `<p style="margin:1px;padding:1px !IMPORTANT">x</p>`,
    newBody:
      `<p style="padding:0 !important;margin:1px;padding:1px !IMPORTANT;margin:0 !important">x</p>`,
  },
  {
    name: "a list with a selector that no browser reads is no rule",
    css: "p,*::before:hover{color:red}p::nonsense,p{margin:0}p,>b{padding:0}",
    body: "<p>x</p>",
    newBody: "<p>x</p>",
  },
  {
    name: "values of some attributes are compared without case, of others with it",
    css: "[align=Left]{color:red}[title=Left]{margin:0}[title=LEFT i]{padding:0}",
    body: `<p align="left" title="left">x</p>`,
    newBody: `<p style="color:red;padding:0" align="left" title="left">x</p>`,
  },
  {
    name: "rules within rules stay where they are",
    css: "p{margin:0;&:hover{color:red}b{padding:0}}b{color:blue}",
    body: "<p>x</p>",
    newBody: `<p style="margin:0">x</p>`,
  },
];
