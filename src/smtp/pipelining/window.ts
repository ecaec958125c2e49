/** One mail that the server works on and one behind it: the first window, and the largest where the server is near. */
const FEW = 2;

/** Where nothing else is said. Each mail more is one more that can be in doubt. */
const LARGEST = 32;

/**
 * A shorter round trip counts as none: ten connections with two mails each then carry more than this program can make, and
 * what is measured is our own event loop rather than the network.
 */
const NEAR_MS = 2;

/**
 * A round trip of fewer service times counts as short: two mails keep the server busy for four fifths of the time, and where
 * its replies come late, the round trip is seen only together with one service time.
 */
const SHORT = 1.5;

/** Service times are uneven, above all where connections share a disk: so many times the mails that fill the network. */
const SLACK = 2;

/** Mails over which the service time is averaged, the newest with the most weight. */
const AVERAGED = 16;

/** What is known of a mail that was answered. Times in ms, all of one clock. */
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
 * A server works on a connection's mails one after another. While one is on its way there and its answer on the way back,
 * `roundTrip / serviceTime` others can be served; many more than that only wait at the server, gain nothing, and are in doubt
 * when the connection is lost. It begins small and doubles with each round trip, as TCP's slow start does.
 *
 * Pure arithmetic: it is told the times and knows no clock.
 */
export class Window {
  #size: number;
  readonly #largest: number;
  #roundTripMs: number;
  /** Mean service time; infinite while none is known. */
  #serviceMs = Infinity;
  #averaged = 0;
  /** When the server was done with the mail before. */
  #answeredAt = -Infinity;

  /** @param roundTripMs Of the network, as far as it is known when the session is open. */
  constructor(roundTripMs: number, largest = LARGEST) {
    if (!Number.isInteger(largest) || largest < 1) {
      throw new RangeError(`Window must be a whole number over 0: found ${largest}`);
    }
    this.#largest = largest;
    this.#roundTripMs = roundTripMs;
    this.#size = Math.min(FEW, largest);
  }

  get size(): number {
    return this.#size;
  }

  /** The round trip counts as none: to know it better changes nothing. */
  get near(): boolean {
    return this.#roundTripMs < NEAR_MS;
  }

  /** A reply came this many ms after its command was written: the network takes no longer. */
  replied(ms: number): void {
    this.#roundTripMs = Math.min(this.#roundTripMs, ms);
  }

  /** To be told of every mail, in order. */
  answered({ writtenAt, at, accepted, full }: Answered): void {
    // The server began with it when it had arrived and the one before was done.
    const begunAt = Math.max(this.#answeredAt, writtenAt + this.#roundTripMs);
    const first = this.#answeredAt === -Infinity;
    this.#answeredAt = at;
    // The first does not tell service from round trip, and while fewer mails come than the window allows, nothing is to be
    // learnt about a larger one.
    if (first || !accepted || !full) return;
    this.#served(at - begunAt);
    const useful = this.#useful();
    if (this.#size > useful) this.#size = useful;
    else if (this.#size < useful) this.#size++;
  }

  /** The server wants less, for now (4yz). */
  trouble(): void {
    this.#size = Math.max(1, Math.floor(this.#size / 2));
  }

  /** Longer than two round trips makes no smaller window: a pause of the server is soon forgotten. */
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
