import { Database, Statement } from "../../../../src/sqlite/database.ts";
import type { Client } from "./link_profile.ts";

/** A fault of the disk, which may pass. */
export interface DiskFault {
  /** What fails: writing a transaction, or syncing it to the disk. */
  readonly what: "commit" | "sync";
  /** The first commit or sync of the run that fails, and how many do. */
  readonly from: number;
  readonly count: number;
}

/** Ledgers are kept in memory, because the speed of a disk is not simulated. */
const FOLDER = await shared();

/** The files of a ledger that are left after its process was killed. */
const SUFFIXES = ["", "-wal"];

/** Statements that change no row: they begin a transaction, or store counts, which are recomputed from the rows if wrong. */
const COUNTS = /^(?:BEGIN|UPDATE tally SET counts)/;

let disks = 0;

/** The ledger files of one campaign, which of them are open, and what fails. */
export class Disk implements Disposable {
  readonly #folder: string;
  readonly #files = new Set<Deno.FsFile>();
  readonly #databases = new Set<Database>();
  readonly #sql = new WeakMap<Statement, string>();
  #number = 0;
  #client: Client;
  #fault: DiskFault | undefined;
  #onFault: (records: boolean) => void = () => {};
  /** The transaction holds more than counts. */
  #records = false;
  #commits = 0;
  #syncs = 0;

  constructor(client: Client) {
    this.#client = client;
    this.#folder =
      `${FOLDER}/email-dispatcher-simulation-${Deno.pid}-${crypto.randomUUID()}-${disks++}`;
    Deno.mkdirSync(this.#folder);
  }

  /** The current ledger. */
  get ledger(): string {
    return `${this.#folder}/${this.#number}.ledger`;
  }

  /**
   * Another process starts.
   *
   * @param onFault Called for each fault; `records`: it affects rows, not only counts, which may lag behind.
   */
  begin(client: Client, fault: DiskFault | undefined, onFault: (records: boolean) => void): void {
    this.#client = client;
    this.#fault = fault;
    this.#onFault = onFault;
    this.#commits = 0;
    this.#syncs = 0;
  }

  /** Commits of this process so far. */
  get commits(): number {
    return this.#commits;
  }

  /** Copies the ledger as a process that is killed at this moment leaves it; the copy becomes the current one. */
  snapshot(): void {
    const before = this.ledger;
    this.#number++;
    for (const suffix of SUFFIXES) {
      try {
        Deno.copyFileSync(before + suffix, this.ledger + suffix);
      } catch (error) {
        // The process was killed before it created this file.
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }

  /** How many files and databases the process has open. */
  get open(): number {
    return this.#files.size + this.#databases.size;
  }

  /** Closes what a process that is gone had open, as the system does. */
  closeAll(): void {
    for (const database of this.#databases) database.close();
    for (const file of this.#files) file.close();
    this.#databases.clear();
    this.#files.clear();
  }

  [Symbol.dispose](): void {
    this.closeAll();
    Deno.removeSync(this.#folder, { recursive: true });
  }

  /** Routes all that the program does to ledgers through here, until disposed of. */
  install(): Disposable {
    using undo = new DisposableStack();
    this.#watchFiles(undo);
    this.#watchDatabases(undo);
    return undo.move();
  }

  #watchFiles(undo: DisposableStack): void {
    const { openSync } = Deno;
    const { close, syncData, [Symbol.dispose]: dispose } = Deno.FsFile.prototype;
    const files = this.#files;
    Deno.openSync = (...given) => {
      const file = openSync(...given);
      files.add(file);
      return file;
    };
    Deno.FsFile.prototype.close = function () {
      files.delete(this);
      close.call(this);
    };
    Deno.FsFile.prototype[Symbol.dispose] = function () {
      if (files.delete(this)) close.call(this);
    };
    Deno.FsFile.prototype.syncData = () => {
      const fails = this.#fails("sync", ++this.#syncs, true);
      return fails ? Promise.reject(failure("Input/output error (os error 5)")) : Promise.resolve();
    };
    undo.defer(() => {
      Deno.openSync = openSync;
      Object.assign(Deno.FsFile.prototype, { close, syncData, [Symbol.dispose]: dispose });
    });
  }

  #watchDatabases(undo: DisposableStack): void {
    const { exec, prepare, close } = Database.prototype;
    const { run } = Statement.prototype;
    const [databases, texts, disk] = [this.#databases, this.#sql, this] as const;
    Database.prototype.exec = function (sql) {
      databases.add(this);
      exec.call(this, sql);
    };
    Database.prototype.prepare = function (sql) {
      databases.add(this);
      const statement = prepare.call(this, sql);
      texts.set(statement, sql);
      return statement;
    };
    Database.prototype.close = function () {
      databases.delete(this);
      close.call(this);
    };
    Statement.prototype.run = function (...values) {
      const sql = texts.get(this)!;
      if (sql !== "COMMIT") {
        disk.#records ||= !COUNTS.test(sql);
        return run.apply(this, values);
      }
      return disk.#commit(() => run.apply(this, values));
    };
    undo.defer(() => {
      Object.assign(Database.prototype, { exec, prepare, close });
      Statement.prototype.run = run;
    });
  }

  #commit<T>(commit: () => T): T {
    this.#client.step("before commit");
    const records = this.#records;
    this.#records = false;
    if (this.#fails("commit", ++this.#commits, records)) throw failure("database or disk is full");
    const result = commit();
    this.#client.step("committed");
    return result;
  }

  #fails(what: DiskFault["what"], count: number, records: boolean): boolean {
    const fault = this.#fault;
    const fails = fault?.what === what && count >= fault.from && count < fault.from + fault.count;
    if (fails) this.#onFault(records);
    return fails;
  }
}

function failure(message: string): Error {
  return Object.assign(new Error(message), { errcode: 13 });
}

async function shared(): Promise<string> {
  const inMemory = "/dev/shm";
  try {
    if ((await Deno.stat(inMemory)).isDirectory) return inMemory;
  } catch {
    // Not on this system.
  }
  return Deno.realPathSync(Deno.env.get("TMPDIR") ?? Deno.env.get("TEMP") ?? "/tmp");
}
