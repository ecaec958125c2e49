import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { DEADLINE_MS, type Running, SERVER_DEADLINE_MS, start } from "./process.ts";

/** A message of the Chrome DevTools Protocol: the result of a command, or an event. */
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
  ...["--remote-debugging-port=0", "--hide-scrollbars"],
];

/** A tab of a separate headless Chromium, controlled through the DevTools protocol. */
export class Browser implements AsyncDisposable {
  /** URLs that the page and its frames asked for, data: and about: aside. */
  readonly asked: string[] = [];
  /** Text of dialogs that a script has opened: each is closed at once. */
  readonly dialogs: string[] = [];
  /** Faults that scripts threw. */
  readonly faults: string[] = [];
  /** The messages on the console, including violations of the Content-Security-Policy. */
  readonly told: string[] = [];

  readonly #process: Running;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #session: string;
  readonly #replies: Map<number, (message: Message) => void>;
  /** Rejects when the browser ends, on its own or at its deadline. */
  readonly #gone: Promise<never>;
  #onLoad: (() => void) | undefined;
  #count: number;

  private constructor(
    process: Running,
    profile: string,
    socket: WebSocket,
    session: string,
    replies: Map<number, (message: Message) => void>,
    gone: Promise<never>,
  ) {
    this.#process = process;
    this.#profile = profile;
    this.#socket = socket;
    this.#session = session;
    this.#replies = replies;
    this.#gone = gone;
    this.#count = 100;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
  }

  /** @param flags More of the command line. */
  static async start(...flags: readonly string[]): Promise<Browser> {
    const profile = await Deno.makeTempDir({ prefix: "chromium-" });
    const process = start(
      "chromium",
      [...FLAGS, ...flags, `--user-data-dir=${profile}`, "about:blank"],
      { deadlineMs: SERVER_DEADLINE_MS },
    );
    const [, address] = await process.seen(/DevTools listening on (ws:\S+)/, DEADLINE_MS);
    const socket = new WebSocket(address!);
    const gone = process.ended.then(() => Promise.reject(new Error("Chromium has ended")));
    gone.catch(() => {});
    await Promise.race([new Promise((resolve) => socket.onopen = resolve), gone]);
    const replies = new Map<number, (message: Message) => void>();
    socket.onmessage = ({ data }) => {
      const message: Message = JSON.parse(data);
      if (message.id !== undefined) replies.get(message.id)?.(message);
    };
    const ask = (id: number, method: string, params: object) =>
      Promise.race([
        gone,
        new Promise<Message>((resolve) => {
          replies.set(id, resolve);
          socket.send(JSON.stringify({ id, method, params }));
        }),
      ]);
    const { result: made } = await ask(1, "Target.createTarget", { url: "about:blank" });
    const attach = { targetId: made?.["targetId"], flatten: true };
    const { result: attached } = await ask(2, "Target.attachToTarget", attach);
    const session = String(attached?.["sessionId"]);
    const browser = new Browser(process, profile, socket, session, replies, gone);
    for (const domain of ["Page", "Network", "Runtime", "Log"]) {
      await browser.command(`${domain}.enable`);
    }
    return browser;
  }

  /** Sends a command of the protocol to the tab. */
  async command(method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const id = this.#count++;
    const { promise, resolve } = Promise.withResolvers<Message>();
    this.#replies.set(id, resolve);
    this.#socket.send(JSON.stringify({ id, method, params, sessionId: this.#session }));
    const { result, error } = await Promise.race([promise, this.#gone]);
    this.#replies.delete(id);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  /** Opens a page and waits until it and its frames are loaded. */
  async open(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => this.#onLoad = resolve);
    const { loaderId, errorText } = await this.command("Page.navigate", { url });
    if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
    // There is none if only the fragment differs.
    if (loaderId !== undefined) await Promise.race([loaded, this.#gone]);
  }

  /** The value of an expression in the page, by JSON. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.command("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    assert.equal(exceptionDetails, undefined, JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  /** Presses a key, by its name: "ArrowDown". */
  async press(key: string): Promise<void> {
    for (const type of ["keyDown", "keyUp"]) {
      await this.command("Input.dispatchKeyEvent", { type, key, code: key, ...KEYS[key] });
    }
  }

  /** Clicks at a place of the window, in CSS pixels. */
  async click(x: number, y: number): Promise<void> {
    const at = { x, y, button: "left", clickCount: 1 };
    for (const type of ["mousePressed", "mouseReleased"]) {
      await this.command("Input.dispatchMouseEvent", { type, ...at });
    }
  }

  /** The window as a person has it: CSS pixels, and light or dark. */
  async look(width: number, height: number, scheme: "light" | "dark"): Promise<void> {
    const device = { width, height, deviceScaleFactor: 1, mobile: width < 500 };
    await this.command("Emulation.setDeviceMetricsOverride", device);
    const features = [{ name: "prefers-color-scheme", value: scheme }];
    await this.command("Emulation.setEmulatedMedia", { features });
  }

  /** A picture of the window, PNG. */
  async picture(): Promise<Uint8Array> {
    const { data } = await this.command("Page.captureScreenshot", { format: "png" });
    return Buffer.from(String(data), "base64");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#process.stop();
    await Deno.remove(this.#profile, { recursive: true }).catch(() => {});
  }

  #take(message: Message): void {
    const { id, method, params = {} } = message;
    if (id !== undefined) return this.#replies.get(id)?.(message);
    switch (method) {
      case "Page.loadEventFired":
        return this.#onLoad?.();
      case "Page.javascriptDialogOpening":
        this.dialogs.push(String(params["message"]));
        void this.command("Page.handleJavaScriptDialog", { accept: true });
        return;
      case "Network.requestWillBeSent": {
        const { url } = params["request"] as { url: string };
        if (!/^(?:data|about):/.test(url)) this.asked.push(url);
        return;
      }
      case "Runtime.exceptionThrown":
        this.faults.push(JSON.stringify(params));
        return;
      case "Log.entryAdded":
        this.told.push((params["entry"] as { text: string }).text);
        return;
    }
  }
}

const KEYS: Readonly<Record<string, { readonly windowsVirtualKeyCode: number }>> = {
  Tab: { windowsVirtualKeyCode: 9 },
  End: { windowsVirtualKeyCode: 35 },
  Home: { windowsVirtualKeyCode: 36 },
  ArrowLeft: { windowsVirtualKeyCode: 37 },
  ArrowUp: { windowsVirtualKeyCode: 38 },
  ArrowRight: { windowsVirtualKeyCode: 39 },
  ArrowDown: { windowsVirtualKeyCode: 40 },
};
