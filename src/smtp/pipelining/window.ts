/** One mail that the server works on, and the next one: the first window, and the largest for a nearby server. */
const FEW = 2;

/** The default. Each further mail is one more that can be in doubt. */
const LARGEST = 32;

/**
 * A shorter round trip counts as none: ten connections with two mails each then carry more than this program can produce, and
 * the measurement shows our own event loop rather than the network.
 */
const NEAR_MS = 2;

/**
 * A round trip of fewer service times counts as short: two mails keep the server busy for four fifths of the time, and if its
 * replies come late, the round trip can only be measured together with one service time.
 */
const SHORT = 1.5;

/** The window is this many times the mails that fill the network, as service times vary, above all if connections share a disk. */
const SLACK = 2;

/** Mails over which the service time is averaged, with the most weight on the newest. */
const AVERAGED = 16;

/** What is known of a mail that was answered. Times are in ms of one clock. */
export interface Answered {
  readonly writtenAt: number;
  readonly at: number;
  readonly accepted: boolean;
  /** As many mails were under way as the window allowed. */
  readonly full: boolean;
}

/**
 * How many mails may be under way on one connection: as many as fill the network between us and the server.
 *
 * A server works on a connection's mails one after another. While one is on its way there and its reply on the way back,
 * `roundTrip / serviceTime` others can be served. Many more than that would only wait at the server, and be in doubt when the
 * connection is lost. The window begins small and doubles with each round trip, like TCP's slow start.
 *
 * Pure arithmetic: it is given the times and knows no clock.
 */
export class Window {
  #size: number;
  readonly #largest: number;
  #roundTripMs: number;
  /** Mean service time; infinite until it is known. */
  #serviceMs = Infinity;
  #averaged = 0;
  /** When the previous mail was answered. */
  #answeredAt = -Infinity;

  /** @param roundTripMs The network's round trip, as far as it is known when the session is open. */
  constructor(roundTripMs: number, largest = LARGEST) {
    if (!Number.isInteger(largest) || largest < 1) {
      throw new RangeError(`Window must be a whole number from 1: found ${largest}`);
    }
    this.#largest = largest;
    this.#roundTripMs = roundTripMs;
    this.#size = Math.min(FEW, largest);
  }

  /** Mails that may be under way. */
  get size(): number {
    return this.#size;
  }

  /** The round trip counts as none, so that a better measurement changes nothing. */
  get near(): boolean {
    return this.#roundTripMs < NEAR_MS;
  }

  /** Notes that a reply came this many ms after its command was written, an upper bound of the round trip. */
  replied(ms: number): void {
    this.#roundTripMs = Math.min(this.#roundTripMs, ms);
  }

  /** Call this for every mail, in order. */
  answered({ writtenAt, at, accepted, full }: Answered): void {
    // The server began with it when it had arrived and the previous mail was done.
    const begunAt = Math.max(this.#answeredAt, writtenAt + this.#roundTripMs);
    const first = this.#answeredAt === -Infinity;
    this.#answeredAt = at;
    // The first mail does not distinguish service time from round trip, and while fewer mails come than the window allows,
    // there is nothing to learn about a larger one.
    if (first || !accepted || !full) return;
    this.#served(at - begunAt);
    const useful = this.#useful();
    if (this.#size > useful) this.#size = useful;
    else if (this.#size < useful) this.#size++;
  }

  /** Halves the window, because the server wants fewer mails for now (4yz). */
  trouble(): void {
    this.#size = Math.max(1, Math.floor(this.#size / 2));
  }

  /** At most two round trips count, so that a pause of the server is soon forgotten. */
  #served(ms: number): void {
    const counted = Math.min(Math.max(0, ms), 2 * this.#roundTripMs);
    this.#averaged = Math.min(this.#averaged + 1, AVERAGED);
    if (this.#averaged === 1) this.#serviceMs = counted;
    else this.#serviceMs += (counted - this.#serviceMs) / this.#averaged;
  }

  #useful(): number {
    const serviceTimes = this.near ? 0 : this.#roundTripMs / this.#serviceMs;
    const mails = serviceTimes < SHORT ? FEW : Math.round(1 + SLACK * serviceTimes);
    return Math.min(this.#largest, mails);
  }
}
