import assert from "node:assert/strict";
import { type Row, saidOf } from "./refused.ts";

const FOREIGN: readonly Row[] = [
  [
    "a {# a comment #} b",
    "1:3: '{# a comment #}' is not a comment in Liquid: it would be mailed",
    "Write {% comment %}…{% endcomment %}, or {% # … %} on one line.",
  ],
  [
    "a\n{# {{ Name }} #}",
    "2:1: '{# {{ Name }} #}' is not a comment in Liquid: it would be mailed",
    "Write {% comment %}…{% endcomment %}, or {% # … %} on one line.",
  ],
  [
    "{{#if Name}}a{{else}}b{{/if}}",
    "1:3: An output cannot begin with '#if Name'",
    "Write {% if name %}…{% endif %}.",
  ],
  [
    "{{! a comment }}",
    "1:3: An output cannot begin with '! a comment'",
    "Write {% comment %}…{% endcomment %}.",
  ],
  [
    "{{> footer }}",
    "1:3: An output cannot begin with '> footer'",
    'Write {% render "file" %}.',
  ],
  ["{{else}}", "1:3: An output cannot begin with 'else'", "Write {% else %}."],
  ["{{{ Name }}}", "1:3: An output cannot begin with '{ Name'", "Write {{ name | raw }}."],
  ["{{ Name|upper }}", "1:9: Unknown filter 'upper'", "Write 'upcase'."],
  ["{{ Name | lower }}", "1:11: Unknown filter 'lower'", "Write 'downcase'."],
  ["{{ Tags | length }}", "1:11: Unknown filter 'length'", "Write 'size'."],
  ["{{ Name | trim }}", "1:11: Unknown filter 'trim'", "Write 'strip'."],
  ["{{ Name | safe }}", "1:11: Unknown filter 'safe'", "Write 'raw'."],
  [
    "{{ Name | e }}",
    "1:11: Unknown filter 'e'",
    "Leave it out: values are escaped by themselves.",
  ],
  [
    "{{ Name | truncate(5) }}",
    "1:19: Unexpected '(' after the filter 'truncate'",
    "Arguments follow a colon: truncate: 5",
  ],
  [
    "{{ Name.upper() }}",
    "1:14: Unexpected '(' after 'Name.upper'",
    "Liquid has no calls: use a filter, such as {{ name | upcase }}.",
  ],
  [
    "{% if Name is not defined %}a{% endif %}",
    "1:12: An operator is missing between Name and is",
    'Write {% if name %} for "is defined", and {% unless name %} for "is not defined".',
  ],
  [
    '{% if "a" in Tags %}a{% endif %}',
    '1:11: An operator is missing between "a" and in',
    "Write {% if items contains value %}.",
  ],
  [
    '{% if Name = "x" %}a{% endif %}',
    "1:12: Unexpected '=' after 'Name'",
    "Write == to compare.",
  ],
  ["{% if Name && City %}a{% endif %}", "1:12: Unexpected '&&' after 'Name'", "Write 'and'."],
  [
    "{% if !Name %}a{% endif %}",
    "1:7: Unexpected '!' after 'if'",
    "Write 'not', or != to compare.",
  ],
  [
    "{% if (Name or City) and Tags %}a{% endif %}",
    "1:7: Parentheses cannot group values in a template",
    "Use an {% if %} within another one, or {% assign %} a part to a name first.",
  ],
  [
    '{{ "a" if Name else "b" }}',
    `1:8: Unexpected 'if' after '"a"'`,
    "Write {% if condition %}…{% else %}…{% endif %}.",
  ],
  [
    "{{ Name ~ City }}",
    "1:9: Unexpected '~' after 'Name'",
    "Write {{ a }}{{ b }}, or {{ a | append: b }}.",
  ],
  [
    '{{ Name || "friend" }}',
    "1:9: Unexpected '||' after 'Name'",
    `Write 'or', and in an output {{ name | default: "text" }}.`,
  ],
  ["{% set x = 1 %}", "1:1: Unknown tag 'set'", "Write {% assign name = value %}."],
  [
    "{% if Name %}a{% elif City %}b{% endif %}",
    "1:15: Unknown tag 'elif'",
    "Write {% elsif … %}.",
  ],
  [
    "{% if Name %}a{% else if City %}b{% endif %}",
    "1:23: Unexpected 'if' after 'else'",
    "Write {% elsif … %}.",
  ],
  [`{% extends "a.html" %}`, "1:1: Unknown tag 'extends'", 'Write {% layout "file" %}.'],
  [
    `{% import "a" as b %}`,
    "1:1: Unknown tag 'import'",
    'There are no macros: write {% render "file", name: value %}.',
  ],
  ["{% asign x = 1 %}", "1:1: Unknown tag 'asign'", "Did you mean 'assign'?"],
  [
    "{% for t in Tags %}{{ loop.index }}{% endfor %}",
    "1:23: Unknown variable 'loop.index'",
    "Write forloop.index.",
  ],
  ["{{ None }}", "1:4: Unknown variable 'None'", "Write blank for an empty cell."],
];

for (const [body, message, hint] of FOREIGN) {
  Deno.test(`Another language is told from Liquid: ${JSON.stringify(body)}`, async () => {
    assert.equal(await saidOf(body), hint === undefined ? message : `${message}\n  ${hint}`);
  });
}
