import type { KeyObject } from "node:crypto";

/**
 * The program of each thread. It is text in a `data:` URL, because only that works from source, in a bundle and in an
 * executable alike. It is the same in every run, imports nothing and uses only its key, which is the first message and
 * never leaves the thread. Responses carry the number of their request, because they can overtake each other.
 */
const PROGRAM = `
let key;
onmessage = async ({ data: [number, octets] }) => {
  if (key === undefined) {
    const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    key = crypto.subtle.importKey("pkcs8", octets, algorithm, false, ["sign"]);
    key.catch(() => {});
    return;
  }
  try {
    const signature = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", await key, octets);
    postMessage([number, new Uint8Array(signature)]);
  } catch {
    postMessage([number]);
  }
};`;

type Answer = readonly [number: number, signature?: Uint8Array];

interface Thread {
  readonly worker: Worker;
  /** Pending signatures, by number. */
  readonly waiting: Map<number, PromiseWithResolvers<Uint8Array>>;
}

/** Makes RSA signatures in separate threads: one takes about 1.5 ms, fifty times as long as the rest of a mail. */
export class SigningThreads implements Disposable {
  readonly #threads: readonly Thread[];
  #asked = 0;
  #fault: Error | undefined;

  constructor(key: KeyObject, count: number) {
    const der = new Uint8Array(key.export({ format: "der", type: "pkcs8" }));
    this.#threads = Array.from({ length: count }, () => this.#start(der));
  }

  /** The RSA-SHA256 signature of `data`, made by the least busy thread. */
  sign(data: Uint8Array): Promise<Uint8Array> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    let idlest = this.#threads[0]!;
    for (const thread of this.#threads) {
      if (thread.waiting.size < idlest.waiting.size) idlest = thread;
    }
    const signature = Promise.withResolvers<Uint8Array>();
    idlest.waiting.set(++this.#asked, signature);
    // A view would transfer all of the memory it belongs to.
    const octets = new Uint8Array(data);
    idlest.worker.postMessage([this.#asked, octets], [octets.buffer]);
    return signature.promise;
  }

  /** Ends the threads; pending signatures are rejected. */
  [Symbol.dispose](): void {
    this.#end(new Error("The signing threads have ended"));
  }

  #start(der: Uint8Array): Thread {
    const url = `data:text/javascript,${encodeURIComponent(PROGRAM)}`;
    const thread: Thread = { worker: new Worker(url, { type: "module" }), waiting: new Map() };
    thread.worker.onmessage = (event: MessageEvent<Answer>) => this.#answered(thread, event.data);
    thread.worker.onerror = (event) => {
      event.preventDefault();
      this.#end(new Error(`A signing thread has failed: ${event.message}`));
    };
    thread.worker.postMessage([0, der]);
    return thread;
  }

  #answered({ waiting }: Thread, [number, signature]: Answer): void {
    if (signature === undefined) return this.#end(new Error("A signing thread cannot use its key"));
    waiting.get(number)?.resolve(signature);
    waiting.delete(number);
  }

  #end(fault: Error): void {
    this.#fault ??= fault;
    for (const { worker, waiting } of this.#threads) {
      worker.terminate();
      for (const signature of waiting.values()) signature.reject(this.#fault);
      waiting.clear();
    }
  }
}
