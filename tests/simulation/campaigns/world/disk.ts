import { Database, Statement } from "../../../../src/sqlite/database.ts";
import type { Client } from "./link_nature.ts";

/** What is wrong with the disk for a time. */
export interface DiskFault {
  /** What fails: to write a transaction, or to bring it to the disk. */
  readonly what: "commit" | "sync";
  /** From this commit or sync of the run on, and for so many. */
  readonly from: number;
  readonly count: number;
}

/** Where ledgers are: in memory, as a disk's own time is not simulated. */
const FOLDER = await shared();

/** The files of a ledger that outlive a process that was killed. */
const SUFFIXES = ["", "-wal"];

/** What begins a transaction, or writes counts down, which are made again of the rows where they are wrong. */
const COUNTS = /^(?:BEGIN|UPDATE tally SET counts)/;

let disks = 0;

/** The ledger's files of one campaign, what is open of them, and whatever fails. */
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

  /** The present ledger. */
  get ledger(): string {
    return `${this.#folder}/${this.#number}.ledger`;
  }

  /**
   * Another process begins.
   *
   * @param onFault called for each fault; `records`: it hits what is to be on record, and not only counts, which may lag behind
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

  /** The ledger as a process leaves it that is gone in this moment. From now on it is the present one. */
  snapshot(): void {
    const before = this.ledger;
    this.#number++;
    for (const suffix of SUFFIXES) {
      try {
        Deno.copyFileSync(before + suffix, this.ledger + suffix);
      } catch (error) {
        // It died before it had made it.
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }

  /** How many files and databases the process has open. */
  get open(): number {
    return this.#files.size + this.#databases.size;
  }

  /** What a process had open that is gone: the system closes it. */
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

  /** Has all that the program does to ledgers pass through here, until it is disposed of. */
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
