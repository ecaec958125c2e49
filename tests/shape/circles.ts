/**
 * The circles of a graph, sorted: each group of two or more nodes that reach one another, and each node that points to itself.
 *
 * Tarjan's algorithm for strongly connected components (SIAM Journal on Computing 1(2), 1972).
 */
export function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];

  const visit = (node: string): number => {
    const number = order.size;
    order.set(node, number);
    lowest.set(node, number);
    open.push(node);
    for (const next of graph.get(node) ?? []) {
      const reached = order.has(next)
        ? open.includes(next) ? order.get(next)! : number
        : visit(next);
      lowest.set(node, Math.min(lowest.get(node)!, reached));
    }
    if (lowest.get(node) === number) {
      const group = open.splice(open.indexOf(node)).sort();
      if (group.length > 1 || graph.get(node)?.includes(node)) circles.push(group);
    }
    return lowest.get(node)!;
  };

  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return circles.sort();
}
