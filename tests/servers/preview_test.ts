import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Mail } from "../../src/model/mail.ts";
import type { ChosenRow } from "../../src/preview/choice.ts";
import { writeGallery } from "../../src/preview/gallery.ts";
import { Browser } from "../support/browser.ts";
import { inFolder } from "../support/folder.ts";
import { runProgram } from "../support/program.ts";

// The page of `preview` in Chromium: hostile mails do nothing, nothing is fetched, and the mails can be browsed and read.

/** A server that no mail should reach. */
class Listener implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  connections = 0;

  constructor() {
    void (async () => {
      for await (const conn of this.#listener) {
        this.connections++;
        conn.close();
      }
    })().catch(() => {}); // it was closed
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }
}

const SCRIPT = `document.title="harmed";top.document.title="harmed";alert("harmed")`;

/** Bodies that run a script, navigate away or fetch something, if a page lets them. */
const hostileBodies = (url: string): readonly string[] => [
  `</script><script>${SCRIPT}</script><script src="${url}/a.js"></script>`,
  `</iframe></template></textarea></title></style><img src=x onerror='${SCRIPT}'><svg onload='${SCRIPT}'>`,
  `<!--></script><script>${SCRIPT}</script>--><body onload='${SCRIPT}'>`,
  `<img src="${url}/a.png"><img srcset="${url}/b.png 2x"><video poster="${url}/c.png" src="${url}/c.mp4" autoplay></video>`,
  `<style>@import "${url}/a.css"; body { background: url(${url}/b.png) } @font-face { font-family: x; src: url(${url}/x.woff) } p { font-family: x }</style><p>x</p>`,
  `<link rel=stylesheet href="${url}/a.css"><link rel=preload as=image href="${url}/b.png"><link rel=prefetch href="${url}/c">`,
  `<link rel=preconnect href="${url}"><link rel=dns-prefetch href="${url}"><link rel=icon href="${url}/favicon.ico">`,
  `<LINK/rel=preconnect href="${url}"><svg><link\nrel=preconnect href="${url}"></svg><meta http-equiv=Link content="<${url}>; rel=preconnect">`,
  `<script type=speculationrules>{"prefetch":[{"urls":["${url}/a"]}],"prerender":[{"urls":["${url}/b"]}]}</script>`,
  `<meta http-equiv=refresh content="0;url=${url}/a"><base href="${url}/"><img src="relative.png">`,
  `<iframe src="${url}/a"></iframe><object data="${url}/b"></object><embed src="${url}/c"><frameset><frame src="${url}/d"></frameset>`,
  `<form id=f action="${url}/a"><input autofocus onfocus='${SCRIPT}'></form><input name=getElementById><img name=body>`,
  `<iframe srcdoc="<script>${
    SCRIPT.replaceAll('"', "&quot;")
  }</script>"></iframe><a href="javascript:${SCRIPT}" autofocus>x</a>`,
];

/** A link that covers the whole page. */
const coveringLink = (url: string, target: string) =>
  `<a href="${url}/link" target="${target}" ping="${url}/ping" style="position:fixed;inset:0;background:#def">here</a>`;

function mailOf(body: string): Mail {
  return {
    envelope: { sender: "a@x.test", recipient: "b@x.test", smtpUtf8: false },
    messageId: "<1@x.test>",
    bytes: new TextEncoder().encode(
      `Subject: </script><img src=x onerror=alert(1)>\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${body}\r\n`,
    ),
    eightBit: true,
  };
}

async function galleryOf(folder: string, bodies: readonly string[]): Promise<string> {
  const rows: ChosenRow[] = bodies.map((_, index) => ({
    number: index + 1,
    entry: {
      kind: "recipient",
      key: "b@x.test",
      line: index + 2,
      address: `"</script><img src=x onerror=alert(3)>"@x.test`,
      fields: [],
    },
  }));
  const { path } = await writeGallery(folder, {
    rows,
    make: ({ number }) => Promise.resolve(mailOf(bodies[number - 1]!)),
  }, {
    about: {
      campaign: "</title><script>alert(4)</script>",
      list: "l",
      template: "t",
      rows: 1,
      madeAt: 0,
    },
    nameOf: ({ number }) => `${number}.eml`,
    signal: new AbortController().signal,
    onKept: () => {},
  });
  return pathToFileURL(path).href;
}

const settle = (ms = 250) => new Promise((resolve) => setTimeout(resolve, ms));

async function assertHarmless(
  browser: Browser,
  listener: Listener,
  page: string,
  body: string,
): Promise<void> {
  assert.deepEqual(browser.dialogs, [], body);
  assert.deepEqual(browser.faults, [], "the viewer still works");
  assert.equal(listener.connections, 0, body);
  assert.deepEqual(browser.asked.filter((url) => url.split("#")[0] !== page), []);
  assert.match(await browser.evaluate("document.title"), /^Preview of /);
}

Deno.test("The page runs no script of a mail, and opening, reading and clicking fetch nothing", async () => {
  using listener = new Listener();
  await using browser = await Browser.start();
  await browser.look(1280, 800, "light");
  await inFolder({}, async (folder) => {
    const links = ["_self", "_top", "_blank"].map((target) => coveringLink(listener.url, target));
    const bodies = [...hostileBodies(listener.url), ...links];
    const page = await galleryOf(folder, bodies);
    await browser.open(page);
    for (let index = 0; index < bodies.length; index++) {
      // After a click in the frame, keys go to the frame.
      if (index > 0) await browser.evaluate("document.getElementById('next').click()");
      const place = await browser.evaluate("document.getElementById('place').textContent");
      assert.equal(place, `${index + 1} of ${bodies.length}`);
      assert.equal(
        await browser.evaluate("document.querySelector('iframe').getAttribute('sandbox')"),
        "",
      );
      await settle();
      await browser.click(800, 500);
      for (const tab of ["text", "links", "headers", "source", "html"]) {
        await browser.evaluate(`document.getElementById("tab-${tab}").click()`);
      }
      await settle();
      await assertHarmless(browser, listener, page, bodies[index]!);
    }
  });
});

/** A PNG picture of one colour, with this many pixels. */
async function pngOf(width: number, height: number, rgb: readonly number[]): Promise<Uint8Array> {
  const { crc32, deflateSync } = await import("node:zlib");
  const { Buffer } = await import("node:buffer");
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(rgb)),
    chunk("IDAT", deflateSync(Buffer.alloc((width + 1) * height))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const TEMPLATE = `From: Acme <news@acme.test>
Subject: {{ Name }}, your invoice
Attachment: Прайс.pdf
Attachment: invoices/{{ id }}.pdf

![Logo](logo.png)

# Hello, {{ Name }}!

![Chart](chart.png) [Read more](https://acme.test/?u={{ id }})
`;
const LIST = `Name,Email,id\nAnn,ann@example.test,1\nZoë,zoe@example.test,2\n` +
  `<img src=x onerror=alert(1)>,eve@example.test,3\nBob,bob@,4\n`;

/** Counts the pixels of a colour in what the browser shows now; the browser itself decodes the picture. */
async function pixelsOf(browser: Browser, rgb: readonly number[]): Promise<number> {
  const picture = await browser.picture();
  const url = `data:image/png;base64,${
    btoa(Array.from(picture, (byte) => String.fromCharCode(byte)).join(""))
  }`;
  await browser.open("about:blank");
  return await browser.evaluate(`(async () => {
    const image = new Image();
    image.src = ${JSON.stringify(url)};
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at] === ${rgb[0]} && data[at + 1] === ${rgb[1]} && data[at + 2] === ${
    rgb[2]
  }) count++;
    }
    return count;
  })()`);
}

/** Waits until the page shows a colour, and counts its pixels: drawing takes time on a busy machine. */
async function pixelsShown(
  browser: Browser,
  page: string,
  rgb: readonly number[],
): Promise<number> {
  let count = 0;
  for (let wait = 250; count === 0 && wait < 10_000; wait *= 2) {
    await browser.open(page);
    await browser.evaluate(`document.getElementById("stage").scrollIntoView()`);
    await settle(wait);
    count = await pixelsOf(browser, rgb);
  }
  return count;
}

async function inCampaign(action: (page: string) => Promise<void>): Promise<void> {
  await inFolder({ "list.csv": LIST, "mail.md": TEMPLATE, "Прайс.pdf": "%PDF" }, async (cwd) => {
    await Deno.mkdir(join(cwd, "invoices"));
    for (const id of [1, 2, 3]) {
      await Deno.writeTextFile(join(cwd, "invoices", `${id}.pdf`), "%PDF");
    }
    await Deno.writeFile(join(cwd, "logo.png"), await pngOf(100, 20, [255, 0, 255]));
    await Deno.writeFile(join(cwd, "chart.png"), await pngOf(100, 40, [0, 255, 0]));
    const rows = ["1", "2", "3", "4"].flatMap((row) => ["--row", row]);
    const args = ["preview", "--recipients", "list.csv", "--template", "mail.md", ...rows];
    const { code, stderr } = await runProgram([...args, "--output", "out"], { cwd });
    assert.equal(code, 1, stderr);
    await action(pathToFileURL(join(cwd, "out", "index.html")).href);
  });
}

Deno.test("The page shows both inline images, names the attachments, and fits 390 and 1280 px", async () => {
  await using browser = await Browser.start();
  await inCampaign(async (page) => {
    for (const [width, height] of [[390, 844], [1280, 800]] as const) {
      await browser.look(width, height, "light");
      await browser.open(page);
      const widths = await browser.evaluate<readonly number[]>(
        `[document.documentElement.scrollWidth, document.querySelector("iframe").clientWidth]`,
      );
      assert.equal(widths[0], width, "nothing is wider than the window");
      assert.equal(widths[1]! <= 390, width === 390);
      assert.deepEqual(
        await browser.evaluate(
          `[...document.querySelectorAll("#files b")].map((b) => b.textContent)`,
        ),
        ["Прайс.pdf", "1.pdf", "2 images"],
      );
      assert.equal(await pixelsShown(browser, page, [255, 0, 255]), 100 * 20, "the logo");
      assert.equal(await pixelsShown(browser, page, [0, 255, 0]), 100 * 40, "the chart");
    }
  });
});

Deno.test("The page can be browsed with keys, its list and its search, and remembers which part was shown", async () => {
  await using browser = await Browser.start();
  await browser.look(1280, 800, "dark");
  const subject = () => browser.evaluate("document.getElementById('subject').textContent");
  await inCampaign(async (page) => {
    await browser.open(`${page}#line-3`);
    assert.equal(await subject(), "Zoë, your invoice");
    await browser.press("ArrowDown");
    assert.equal(await subject(), "<img src=x onerror=alert(1)>, your invoice");
    assert.equal(await browser.evaluate("location.hash"), "#line-4");
    await browser.press("End");
    assert.equal(await subject(), "No mail");
    assert.match(await browser.evaluate("document.getElementById('notes').textContent"), /bob@/);
    await browser.press("Home");
    await browser.evaluate("document.getElementById('tab-html').focus()");
    await browser.press("ArrowRight");
    const text = "document.querySelector('#text pre')";
    assert.match(await browser.evaluate(`${text}.textContent`), /^Hello, Ann!/i);
    await browser.evaluate("document.querySelectorAll('#list button')[1].click()");
    assert.equal(await browser.evaluate(`${text}.offsetParent !== null`), true, "still the text");
    assert.match(await browser.evaluate(`${text}.textContent`), /^Hello, Zoë!/i);
    assert.equal(
      await browser.evaluate("document.querySelector('#list [aria-current] b').textContent"),
      "zoe@example.test",
    );
    assert.deepEqual([browser.faults, browser.dialogs], [[], []]);
  });
});
