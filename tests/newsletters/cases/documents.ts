import { BLACK, type Case, GREEN, RED } from "./case.ts";

const PREHEADER = "Zebras on offer";
const SHOWS_PREHEADER = [
  `[...document.body.querySelectorAll('*')].some((one) => one.textContent.includes('${PREHEADER}'))`,
  true,
] as const;

/** What a document is, and where its body begins. */
export const DOCUMENTS: readonly Case[] = [
  {
    name: "A document without <html> is not wrapped in another",
    whole: "<!DOCTYPE html>\n<title>x</title><style>p{color:red}</style><p>x</p>\n",
    shows: [["style('p').color", RED], ["document.body.children.length", 1]],
  },
  {
    name: "A document that begins with <head> is not wrapped in another",
    whole: "<head><title>x</title><style>p{color:red}</style></head><body id=b><p>x</p></body>\n",
    shows: [["style('p').color", RED], ["document.compatMode", "BackCompat"], [
      "document.body.id",
      "b",
    ]],
  },
  {
    name: "A document within {% if %} is not wrapped in another",
    whole:
      "{% if Name %}<!DOCTYPE html>\n<html lang=fr><head><title>x</title></head><body><p>x</p></body></html>{% endif %}\n",
    shows: [["document.documentElement.lang", "fr"], [
      "document.body.hasAttribute('style')",
      false,
    ]],
  },
  {
    name: "The preheader is in the body, not in a conditional comment",
    whole:
      "<!DOCTYPE html>\n<html><head><title>x</title></head><!--[if mso]><body class=mso><![endif]-->" +
      "<!--[if !mso]><!--><body id=b><!--<![endif]--><p>x</p></body></html>\n",
    preheader: PREHEADER,
    shows: [SHOWS_PREHEADER],
  },
  {
    name: "The preheader is in the body, not in a comment that mentions <body>",
    whole:
      "<!DOCTYPE html>\n<html><head><title>x</title></head><!-- <body> begins --><body><p>x</p></body></html>\n",
    preheader: PREHEADER,
    shows: [SHOWS_PREHEADER],
  },
  {
    name: "The preheader is in the body of a document without a <body> tag",
    whole: "<!DOCTYPE html>\n<title>x</title><p>x</p>\n",
    preheader: PREHEADER,
    shows: [SHOWS_PREHEADER],
  },
  {
    name: "The preheader does not change which element is the first child",
    head: "<style>p:first-child{color:red}</style>",
    body: "<p>x</p>",
    preheader: PREHEADER,
    shows: [SHOWS_PREHEADER, ["style('p').color", RED]],
  },
  {
    name: "A value within a comment is not shown",
    body: "<!--{{ Name }}--><p>x</p><!-- for {{ Name }}: -->",
    row: { Name: "Ann --><b>x</b>" },
    shows: [["document.body.innerText.trim()", "x"], ["document.querySelector('b')", null]],
  },
  {
    name: "A sheet included within a conditional comment applies in Outlook only",
    head: "<style>p{color:#111}</style><!--[if mso]>{% include 'mso.html' %}<![endif]-->",
    body: "<p>x</p>",
    files: { "mso.html": "<style>p{color:red}</style>" },
    shows: [["style('p').color", BLACK], [
      "document.querySelector('p').style.color === 'red'",
      false,
    ]],
  },
  {
    name: "A local sheet becomes a sheet of the mail",
    head: '<link rel="stylesheet" href="mail.css">',
    body: "<p>x</p>",
    files: { "mail.css": "p { color: red }" },
    shows: [["style('p').color", RED], ["document.querySelector('p').style.color", "red"]],
    hasParts: true,
  },
  {
    name: "Local pictures become parts of the mail wherever they are named",
    head: "<style>p{background:url(c.png)}</style>",
    body:
      '<img src="a.png" srcset="a.png 1x, b.png 2x" alt=""><table background="b.png"><tr><td>x</td></tr></table>' +
      `<p style="background:url('a.png')">x</p><input type="image" src="c.png" alt=""><video poster="b.png"></video>`,
    files: { "a.png": "a", "b.png": "b", "c.png": "c" },
    shows: [["document.documentElement.outerHTML.match(/[abc]\\.png/g)", null]],
    hasParts: true,
  },
];

/** What Liquid removes or repeats. */
export const LIQUID: readonly Case[] = [
  ...[["Ann", RED], ["", GREEN]].map(([Name, colour]) => ({
    name: `Of two sheets, the one that Liquid chooses applies: ${colour}`,
    head:
      "{% if Name %}<style>a{color:red}</style>{% else %}<style>a{color:green}</style>{% endif %}",
    body: "<a>x</a>",
    row: { Name: Name! },
    shows: [["style('a').color", colour]] as const,
  })),
  {
    name: "The last row of a loop is the last",
    head: "<style>td{color:#111}tr:last-child td{color:red}</style>",
    body:
      "<table><tbody>{% for i in (1..3) %}<tr><td>{{ i }}</td></tr>{% endfor %}</tbody></table>",
    shows: [[
      "[...document.querySelectorAll('td')].map((td) => getComputedStyle(td).color).join()",
      [BLACK, BLACK, RED].join(),
    ]],
  },
  ...["Ann", ""].map((Name) => ({
    name: `The first of its type is the first with and without its predecessor: '${Name}'`,
    head: "<style>p{color:#111}p:first-of-type{color:red}</style>",
    body: "<div>{% if Name %}<p>a</p>{% else %}<b>b</b>{% endif %}<p id=i>c</p></div>",
    row: { Name },
    shows: [["style('#i').color", Name === "" ? RED : BLACK]] as const,
  })),
  ...["Ann", ""].map((Name) => ({
    name: `A rule about a neighbour applies only if the neighbour is there: '${Name}'`,
    head: "<style>p{color:#111}i + p{color:red}</style>",
    body: "<div>{% if Name %}<i>a</i>{% endif %}<p>c</p></div>",
    row: { Name },
    shows: [["style('p').color", Name === "" ? BLACK : RED]] as const,
  })),
  {
    name: "An element captured once and output twice is the first child only once",
    head: "<style>p{color:#111}p:first-child{color:red}</style>",
    body: "{% capture c %}<p>x</p>{% endcapture %}<div>{{ c | raw }}{{ c | raw }}</div>",
    shows: [[
      "[...document.querySelectorAll('p')].map((p) => getComputedStyle(p).color).join()",
      [RED, BLACK].join(),
    ]],
  },
  {
    name: "A class from a cell finds its rule",
    head: "<style>p{color:#111}.Ann{color:red}</style>",
    body: '<p class="{{ Name }}">x</p>',
    shows: [["style('p').color", RED]],
  },
  {
    name: "An attribute that Liquid adds finds its rule",
    head: "<style>p{color:#111}p[hidden]{color:red}</style>",
    body: "<p {% if Name %}hidden{% endif %}>x</p>",
    shows: [["style('p').color", RED]],
  },
  ...["Ann", ""].map((Name) => ({
    name: `An element that is empty for some rows is :empty for those only: '${Name}'`,
    head: "<style>p{color:#111}p:empty{color:red}</style>",
    body: "<p>{{ Name }}</p>",
    row: { Name },
    shows: [["style('p').color", Name === "" ? RED : BLACK]] as const,
  })),
  {
    name: "A colour from a cell in <style> wins where it won",
    head: "<style>p{color:#111}</style><style>p{color: {{ Name }}}</style>",
    body: "<p>x</p>",
    row: { Name: "red" },
    shows: [["style('p').color", RED]],
  },
  {
    name: "A style attribute that depends on a cell wins over the sheet",
    head: "<style>p{color:#111;margin:3px}</style>",
    body: '<p style="color: {{ Name }}">x</p>',
    row: { Name: "red" },
    shows: [["style('p').color", RED], ["style('p').marginTop", "3px"]],
  },
];
