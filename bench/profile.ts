/** The parts of a V8 CPU profile that are read here; times are in microseconds. */
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

/** How the time was spent; shares are of the time in which the processor was busy. */
export interface Share {
  readonly name: string;
  readonly share: number;
}

const GROUPS: readonly (readonly [string, RegExp])[] = [
  ["SMTP", /\/src\/smtp\//],
  ["compose", /\/src\/compose\//],
  ["ledger", /\/src\/(?:ledger|sqlite)\//],
  ["list", /\/src\/list\/|\/csv-parse\//],
  ["pipeline and policy", /\/src\/(?:pipeline|policy)\//],
  ["the rest of the program", /^file:.*\/src\/.*\.ts$/],
];

const COLLECTOR = "(garbage collector)";
/** Idle time. */
const IDLE = new Set(["(idle)", "(program)"]);

/** Self time by part of the program and by function, largest first. The runtime's work is counted for its caller. */
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
  const owners = ownersOf(profile);
  let total = 0;
  for (const { id, callFrame } of profile.nodes) {
    const time = selfTime.get(id) ?? 0;
    if (time === 0 || IDLE.has(callFrame.functionName)) continue;
    total += time;
    add(groups, groupOf(callFrame, owners.get(id)), time);
    add(functions, nameOf(callFrame, owners.get(id)), time);
  }
  return { groups: shares(groups, total), functions: shares(functions, total) };
}

type Frame = CpuProfile["nodes"][number]["callFrame"];

/** The nearest function of the program, or of a package that has a part of its own, on the way to each node. */
function ownersOf({ nodes }: CpuProfile): ReadonlyMap<number, Frame> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const owners = new Map<number, Frame>();
  const walk = (id: number, inherited: Frame | undefined): void => {
    const { callFrame, children } = byId.get(id)!;
    const owner = partOf(callFrame.url) === undefined ? inherited : callFrame;
    if (owner !== undefined) owners.set(id, owner);
    for (const child of children ?? []) walk(child, owner);
  };
  if (nodes[0] !== undefined) walk(nodes[0].id, undefined);
  return owners;
}

function groupOf({ functionName }: Frame, owner: Frame | undefined): string {
  if (functionName === COLLECTOR) return "garbage collection";
  return partOf(owner?.url ?? "") ?? "the runtime";
}

function partOf(url: string): string | undefined {
  return GROUPS.find(([, pattern]) => pattern.test(url))?.[0];
}

/** Functions without a source are distinguished by their callers. */
function nameOf({ functionName, url }: Frame, owner: Frame | undefined): string {
  const name = functionName || "(anonymous)";
  if (url !== "") return `\`${name}\` ${placeOf(url)}`;
  return owner === undefined ? `\`${name}\`` : `\`${name}\` for ${placeOf(owner.url)}`;
}

function placeOf(url: string): string {
  return /\/(src\/.*)$/.exec(url)?.[1] ?? /([^/]+\/[^/]+\/[^/]+)$/.exec(url)?.[1] ?? url;
}

function add(sums: Map<string, number>, name: string, time: number): void {
  sums.set(name, (sums.get(name) ?? 0) + time);
}

function shares(sums: ReadonlyMap<string, number>, total: number): Share[] {
  return [...sums].map(([name, time]) => ({ name, share: time / total }))
    .sort((a, b) => b.share - a.share);
}
