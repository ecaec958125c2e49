/** A V8 CPU profile, as far as it is read here; times are in microseconds. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Where a share of the time went; shares are of the time in which the processor was at work. */
export interface Share {
  readonly name: string;
  readonly share: number;
}

const GROUPS: readonly (readonly [string, RegExp])[] = [
  ["SMTP", /\/src\/smtp\//],
  ["compose", /\/src\/compose\//],
  ["ledger", /\/src\/record\//],
  ["CSV", /\/src\/produce\/|\/csv-parse\//],
  ["consumers and pacing", /\/src\/consume\//],
  ["the rest of the program", /\/src\//],
];

/** Time that nobody worked. */
const IDLE = new Set(["(idle)", "(program)"]);

/** Self time by part of the program and by function, largest first. What the runtime does is under who asked for it. */
export function readProfile(text: string): {
  readonly groups: readonly Share[];
  readonly functions: readonly Share[];
} {
  const profile: CpuProfile = JSON.parse(text);
  const selfTime = new Map<number, number>();
  profile.samples.forEach((id, at) =>
    selfTime.set(id, (selfTime.get(id) ?? 0) + (profile.timeDeltas[at] ?? 0))
  );
  const groups = new Map<string, number>();
  const functions = new Map<string, number>();
  const groupOf = groupsByNode(profile);
  let total = 0;
  for (const { id, callFrame } of profile.nodes) {
    const time = selfTime.get(id) ?? 0;
    if (time === 0 || IDLE.has(callFrame.functionName)) continue;
    total += time;
    add(groups, groupOf.get(id) ?? "the runtime", time);
    add(functions, nameOf(callFrame), time);
  }
  return { groups: shares(groups, total), functions: shares(functions, total) };
}

/** A function of no group of its own counts to the one that called it. */
function groupsByNode({ nodes }: CpuProfile): Map<number, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const groupOf = new Map<number, string>();
  const walk = (id: number, inherited: string | undefined): void => {
    const node = byId.get(id)!;
    const { functionName, url } = node.callFrame;
    const own = functionName === "(garbage collector)"
      ? "garbage collection"
      : GROUPS.find(([, pattern]) => pattern.test(url))?.[0];
    const group = own ?? inherited;
    if (group !== undefined) groupOf.set(id, group);
    for (const child of node.children ?? []) walk(child, group);
  };
  if (nodes[0] !== undefined) walk(nodes[0].id, undefined);
  return groupOf;
}

function nameOf(
  { functionName, url, lineNumber }: CpuProfile["nodes"][number]["callFrame"],
): string {
  const name = functionName || "(anonymous)";
  if (url === "") return name;
  const place = /\/(src\/.*)$/.exec(url)?.[1] ?? /\/([^/]+\/[^/]+)$/.exec(url)?.[1] ?? url;
  return `${name} ${place}:${lineNumber + 1}`;
}

function add(sums: Map<string, number>, name: string, time: number): void {
  sums.set(name, (sums.get(name) ?? 0) + time);
}

function shares(sums: ReadonlyMap<string, number>, total: number): Share[] {
  return [...sums].map(([name, time]) => ({ name, share: time / total }))
    .sort((a, b) => b.share - a.share);
}
