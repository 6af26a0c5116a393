/** Who takes in whom: from a node to those it imports, with the number of imports that is, 0 or 1. */
export type Graph = Map<string, Map<string, 0 | 1>>;

const nodeIn = (graph: Graph, node: string): Map<string, 0 | 1> => {
  const known = graph.get(node);
  if (known) return known;
  const fresh = new Map<string, 0 | 1>();
  graph.set(node, fresh);
  return fresh;
};

/** Says that `from` imports `to`; of two statements the nearer one counts. */
export function addImport(graph: Graph, from: string, to: string, length: 0 | 1 = 1): void {
  if (from === to) return;
  const out = nodeIn(graph, from);
  if (length < (out.get(to) ?? 2)) out.set(to, length);
}

/** Where a change begins: so many imports away already, and the file or fact it is. */
export type Seed = { readonly node: string; readonly distance: number; readonly because: string };

/** How near a change is to a node. `next`: the node on the shortest way to it; absent where it begins. */
export type Reached = { readonly distance: number; readonly because: string; readonly next?: string };

/** Everything that imports a seed, over any number of imports, with its shortest way. Cycles do no harm. */
export function reach(graph: Graph, seeds: readonly Seed[]): Map<string, Reached> {
  const importers = reversed(graph);
  const reached = new Map<string, Reached>();
  const rounds: (readonly [string, Reached])[][] = [];
  const put = (node: string, at: Reached) => {
    const known = reached.get(node);
    if (known && known.distance <= at.distance) return;
    reached.set(node, at);
    rounds[at.distance] ??= [];
    rounds[at.distance]!.push([node, at]);
  };
  for (const { node, distance, because } of seeds) put(node, { distance, because });
  for (let round = 0; round < rounds.length; round += 1)
    // It grows while it is gone through: some edges have no length.
    for (const [node, at] of rounds[round] ?? [])
      if (reached.get(node) === at)
        for (const [from, length] of importers.get(node) ?? [])
          put(from, { distance: round + length, because: at.because, next: node });
  return reached;
}

function reversed(graph: Graph): Map<string, [string, 0 | 1][]> {
  const back = new Map<string, [string, 0 | 1][]>();
  for (const [from, out] of graph)
    for (const [to, length] of out) {
      const known = back.get(to);
      if (known) known.push([from, length]);
      else back.set(to, [[from, length]]);
    }
  return back;
}

/** The nodes from `node` to where the change begins, both with it, then the seed's own word. */
export function wayOf(reached: ReadonlyMap<string, Reached>, node: string): string[] {
  const way = [node];
  let at = reached.get(node);
  for (; at?.next !== undefined; at = reached.get(at.next)) way.push(at.next);
  return at ? [...way, at.because] : way;
}
