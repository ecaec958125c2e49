import type { Finding, MakeFinding } from "../finding.ts";
import type { Image, Link } from "../../compose/html/references.ts";
import { htmlFacts } from "./html_facts.ts";
import { GMAIL } from "../provider_rules.ts";
import { sizeText } from "../../text/quantity.ts";

/** Gmail shows no more octets of an HTML part, and puts "Message clipped" below them. */
const CLIPPED = 102 * 1024;

/** How many values a finding names. */
const EXAMPLES = 3;

/** Findings about an HTML part. */
export function* htmlFindings(html: string, finding: MakeFinding): Generator<Finding> {
  const bytes = new TextEncoder().encode(html).length;
  if (bytes > CLIPPED) {
    yield finding(
      "warning",
      "html.clipped",
      `The HTML is ${sizeText(bytes)}`,
      "Gmail clips HTML over 104 kB: the end, often with the unsubscribe link, is not shown",
      "Shorten it, or remove unused styles",
    );
  }
  const { images, links, removed } = htmlFacts(html);
  if (removed.length > 0) {
    yield finding(
      "warning",
      "html.removed",
      `The HTML contains ${removed.map((name) => `<${name}>`).join(", ")}`,
      "Gmail, Outlook and Yahoo remove such elements from a mail",
      "Put it on a page of your site, and link to that",
    );
  }
  yield* imageFindings(images, finding);
  yield* linkFindings(links, finding);
  yield* linkTextFindings(links, finding);
}

function* imageFindings(images: readonly Image[], finding: MakeFinding): Generator<Finding> {
  const without = images.filter(({ alt }) => alt === undefined);
  if (without.length > 0) {
    yield finding(
      "warning",
      "html.no-alt",
      `${counted(without.length, "image has", "images have")} no alt text: ${
        exampleList(without.map(({ source }) => source))
      }`,
      "WCAG 2.2, 1.1.1: it is read aloud, and shown while images are blocked",
      'Add alt="…", or alt="" to an image that is only decoration',
    );
  }
  const broken = images.filter(({ source }) => !/^(?:https?:|cid:|data:)/i.test(source));
  if (broken.length > 0) {
    yield finding(
      "warning",
      "html.broken-image",
      `${counted(broken.length, "image", "images")} cannot be loaded: ${
        exampleList(broken.map(({ source }) => source))
      }`,
      "RFC 3986, 5: a mail has no base address for a relative one",
      "Use an https: address, or a file in the template's folder",
    );
  }
  yield* dataImageFindings(images, finding);
  yield* unencryptedFindings(images.map(({ source }) => source), "image", finding);
}

function* dataImageFindings(images: readonly Image[], finding: MakeFinding): Generator<Finding> {
  const embedded = images.filter(({ source }) => /^data:/i.test(source)).length;
  if (embedded > 0) {
    yield finding(
      "warning",
      "html.data-image",
      counted(
        embedded,
        "image is written as a data: URL",
        "images are written as data: URLs",
      ),
      "Gmail and Outlook do not show data: URLs",
      "Put the file into the template's folder, and name it in src",
    );
  }
}

function* linkFindings(links: readonly Link[], finding: MakeFinding): Generator<Finding> {
  const empty = links.filter(({ target }) => target === "" || target === "#");
  if (empty.length > 0) {
    yield finding(
      "warning",
      "html.empty-link",
      `${counted(empty.length, "link leads", "links lead")} nowhere: ${
        exampleList(empty.map(({ text, target }) => text || `href="${target}"`))
      }`,
      "RFC 3986, 4.4: it points at the mail itself",
      "Give it an address, or remove the link",
    );
  }
  const relative = links.filter(({ target }) =>
    target !== "" && !target.startsWith("#") && !/^[a-z][a-z0-9+.-]*:/i.test(target)
  );
  if (relative.length > 0) {
    yield finding(
      "warning",
      "html.relative-link",
      `${counted(relative.length, "link has", "links have")} no scheme: ${
        exampleList(relative.map(({ target }) => target))
      }`,
      "RFC 3986, 5: a mail has no base address for a relative one",
      "Begin it with https://",
    );
  }
  yield* unencryptedFindings(links.map(({ target }) => target), "link", finding);
}

function* linkTextFindings(links: readonly Link[], finding: MakeFinding): Generator<Finding> {
  const bare = links.filter(({ text, target }) => text === "" && target !== "" && target !== "#");
  if (bare.length > 0) {
    yield finding(
      "warning",
      "html.link-without-text",
      `${counted(bare.length, "link has", "links have")} no text: ${
        exampleList(bare.map(({ target }) => target))
      }`,
      "WCAG 2.2, 2.4.4: nobody sees it, or hears what it is for",
      "Put text into it, or an image with alt text",
    );
  }
  const misleading = links.filter(({ text, target }) => isMisleading(text, target));
  if (misleading.length > 0) {
    yield finding(
      "warning",
      "html.misleading-link",
      `${
        counted(misleading.length, "link shows one site and leads", "links show one site and lead")
      } to another: ${exampleList(misleading.map(({ text, target }) => `${text} -> ${target}`))}`,
      `${GMAIL}: recipients should know what to expect; filters treat this as phishing`,
      "Show words instead of an address, or the address that it leads to",
    );
  }
}

function* unencryptedFindings(
  targets: readonly string[],
  what: "link" | "image",
  finding: MakeFinding,
) {
  const found = targets.filter((target) => /^http:/i.test(target));
  if (found.length === 0) return;
  yield finding(
    "warning",
    `html.http-${what}`,
    `${counted(found.length, `${what} is`, `${what}s are`)} not encrypted: ${exampleList(found)}`,
    "RFC 9110, 17.2 and 4.2.2: anyone on the path can read and change it; browsers warn about http:",
    "Use https:",
  );
}

/** Returns whether the text is an address itself, on another host than the target. */
function isMisleading(text: string, target: string): boolean {
  const shown = /^(?:https?:\/\/)?((?:[\w-]+\.)+[a-z]{2,})(?::\d+)?(?:[\/?#]\S*)?$/i.exec(text)
    ?.[1];
  const host = /^https?:/i.test(target) ? URL.parse(target)?.hostname : undefined;
  if (shown === undefined || host === undefined) return false;
  const bare = (name: string) => name.toLowerCase().replace(/^www\./, "");
  const [a, b] = [bare(shown), bare(host)];
  return a !== b && !a.endsWith(`.${b}`) && !b.endsWith(`.${a}`);
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function exampleList(values: readonly string[]): string {
  const shown = [...new Set(values)];
  const more = shown.length > EXAMPLES ? ` and ${shown.length - EXAMPLES} more` : "";
  return `${shown.slice(0, EXAMPLES).map((value) => value.slice(0, 80)).join(", ")}${more}`;
}
