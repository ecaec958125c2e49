/** kill -9 for a process and all below it; its children first found, as they lose their parent with it. */
export function killTree(pid: number): void {
  for (const one of familyOf(pid)) {
    try {
      Deno.kill(one, "SIGKILL");
    } catch {
      // It has ended already.
    }
  }
}

/** The same, and resolves when all of them are gone. */
export async function killWholeTree(pid: number): Promise<void> {
  const family = familyOf(pid);
  killTree(pid);
  while (family.some(isRunning)) await new Promise((next) => setTimeout(next, 5));
}

/** A process and all below it. */
function familyOf(pid: number): readonly number[] {
  return [pid, ...descendantsOf(pid)];
}

/** Processes whose working directory is in a folder; only root sees those of other users. */
export function runningIn(folder: string): readonly number[] {
  return [...Deno.readDirSync("/proc")].filter(({ name }) =>
    /^\d+$/.test(name) && worksIn(name, folder)
  )
    .map(({ name }) => Number(name)).filter(isRunning);
}

function worksIn(pid: string, folder: string): boolean {
  try {
    return Deno.readLinkSync(`/proc/${pid}/cwd`) === folder;
  } catch {
    return false; // it has ended meanwhile
  }
}

/** A zombie that has not been waited for is not running. */
export function isRunning(pid: number): boolean {
  const state = statusOf(String(pid))?.[0];
  return state !== undefined && state !== "Z";
}

/** Read from /proc; without one (macOS), the list is empty. */
function descendantsOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  try {
    for (const { name } of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const parent = parentOf(name);
      if (parent !== undefined) children.set(parent, [...children.get(parent) ?? [], Number(name)]);
    }
  } catch {
    return [];
  }
  const found: number[] = [];
  for (let next = children.get(pid) ?? []; next.length > 0;) {
    found.push(...next);
    next = next.flatMap((one) => children.get(one) ?? []);
  }
  return found;
}

function parentOf(pid: string): number | undefined {
  const parent = statusOf(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** State, parent and so on; undefined if the process does not exist. */
function statusOf(pid: string): readonly string[] | undefined {
  try {
    // "1234 (a name, which can contain anything) S 1 …"
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
