// The drawing of a workflow: React Flow around our own nodes. The document is
// the truth; React Flow keeps only what happens while a node is being dragged.
import { applyEdgeChanges, applyNodeChanges, Controls, Handle, MarkerType, Position, ReactFlow, useReactFlow, type Connection, type Edge, type EdgeChange, type Node, type NodeChange, type NodeProps } from "@xyflow/react";
import { memo, useCallback, useEffect, useRef, useState, type DragEvent, type ReactNode } from "react";
import { caption, edges as edgesOf, outlets, str, type Bag, type Graph, type Layout, type Outlet, type Point } from "./model";
import type { Problem } from "./problems";
import { heightOf, opening, readable, smallest, width } from "./view";

/** How a node or an edge stands out: what a run did, or what a version changed. */
export interface Marks { nodes: Record<string, string>; edges: Set<string> }
export const edgeKey = (from: string, label: string): string => `${from} ${label}`;

interface CardData extends Record<string, unknown> { title: string; sub: string; type: string; ways: Outlet[]; note: string; wrong: boolean; mark: string }
type CardNode = Node<CardData, "card">;

const Card = memo(function Card({ data, selected }: NodeProps<CardNode>): ReactNode {
  return (
    <div className={`card-node is-${data.type} ${selected ? "is-selected" : ""} ${data.wrong ? "is-wrong" : ""} ${data.mark === "" ? "" : `mark-${data.mark}`}`}>
      {data.type !== "start" && <Handle type="target" position={Position.Left} id="in" />}
      <p className="card-title">{data.title}</p>
      <p className="card-sub"><span className="card-id">{data.sub}</span>{data.mark !== "" && <span className="card-mark"> {data.mark.replace(/_/g, " ")}</span>}</p>
      {data.note !== "" && <p className={`card-count ${data.wrong ? "bad" : "warn"}`}>{data.note}</p>}
      {data.ways.map((o) => (
        <div key={o.label} className={`card-way ${o.to === "" ? "is-open" : ""}`}><span className="way-name" title={o.name}>{o.name}</span><Handle type="source" position={Position.Right} id={o.label} /></div>
      ))}
    </div>
  );
});

const nodeTypes = { card: Card };

export interface CanvasProps {
  graph: Graph;
  layout: Layout;
  titles: Record<string, string>;
  problems: Map<string, Problem[]>;
  selected: string | null;
  marks: Marks;
  /** Whether the marks dim what they do not touch. */
  dim: boolean;
  frozen: boolean;
  label: string;
  /** Whether all of it is shown, however small, and again when the room changes: for what is looked at as a whole. */
  whole?: boolean;
  /** Called when the whole of it is too small to be read. */
  onSmall?: () => void;
  /** Counts how often the drawing was tidied up: it is brought into view again then. */
  tidied?: number;
  onSelect?: (id: string | null) => void;
  onMove?: (to: Layout) => void;
  onConnect?: (from: string, label: string, to: string) => void;
  onRemove?: (ids: string[]) => void;
  onDrop?: (kind: string, at: Point) => void;
}

export const dragType = "application/x-bonafide-node";

export function Canvas(p: CanvasProps): ReactNode {
  const [nodes, setNodes] = useState<CardNode[]>([]);
  const [edges, setEdges] = useState<Edge[]>([]);
  const flow = useReactFlow();

  useEffect(() => setNodes((old) => draw(p, old)), [p.graph, p.layout, p.titles, p.problems, p.selected, p.marks, p.dim, p.frozen]);
  useEffect(() => setEdges((old) => drawEdges(p, old)), [p.graph, p.marks, p.dim, p.frozen]);
  const frame = useRef<HTMLDivElement>(null), shown = useRef(""), fitted = useRef("");
  const [begun, setBegun] = useState(false);
  const placed = Object.keys(p.graph.nodes).every((id) => p.layout[id] !== undefined), tidied = p.tidied ?? 0;
  const { graph, whole, onSmall } = p, way = `${tidied} ${whole ?? false}`;
  useEffect(() => { // once it has its places, after each tidying up, and when all of it is wanted
    const box = frame.current?.getBoundingClientRect();
    if (!begun || !placed || shown.current === way || box === undefined) return;
    const view = opening(graph, p.layout, box, whole);
    if (view === null) return;
    shown.current = way;
    fitted.current = `${box.width} ${box.height}`;
    void flow.setViewport(view);
    if (whole && view.zoom < readable) onSmall?.();
  }, [begun, placed, way, graph, p.layout, flow, whole, onSmall]);
  useEffect(() => {
    const at = frame.current;
    if (!whole || !begun || !placed || at === null) return;
    const watch = new ResizeObserver(() => {
      const box = at.getBoundingClientRect(), size = `${box.width} ${box.height}`;
      const view = fitted.current === size ? null : opening(graph, p.layout, box, true);
      fitted.current = size;
      if (view !== null) void flow.setViewport(view);
    });
    watch.observe(at);
    return () => watch.disconnect();
  }, [whole, begun, placed, graph, p.layout, flow]);

  useEffect(() => { // a chosen node is brought into view when it is not
    const at = p.selected === null ? undefined : p.layout[p.selected], box = frame.current?.getBoundingClientRect();
    if (at === undefined || box === undefined) return;
    const a = flow.flowToScreenPosition(at), b = flow.flowToScreenPosition({ x: at.x + width, y: at.y + 120 });
    if (a.x >= box.left && a.y >= box.top && b.x <= box.right && b.y <= box.bottom) return;
    const n = p.graph.nodes[p.selected ?? ""], all = opening(p.graph, p.layout, box);
    const inAll = all !== null && at.x * all.zoom + all.x >= 0 && (at.x + width) * all.zoom + all.x <= box.width && at.y * all.zoom + all.y >= 0 && (at.y + 120) * all.zoom + all.y <= box.height;
    const timer = requestAnimationFrame(() => void (inAll ? flow.setViewport(all) : flow.setCenter(at.x + width / 2, at.y + heightOf(n === undefined ? 1 : outlets(n).length) / 2, { zoom: flow.getZoom() })));
    return () => cancelAnimationFrame(timer);
  }, [p.selected, flow]);

  const { onSelect, onMove, onConnect, onRemove, onDrop, layout } = p;
  const nodesChange = useCallback((all: NodeChange<CardNode>[]) => {
    const kept = all.filter((c) => c.type !== "remove");
    setNodes((ns) => applyNodeChanges(kept, ns));
    const moved: Layout = {};
    for (const c of kept) {
      if (c.type === "position" && c.dragging !== true && c.position !== undefined) {
        const at = { x: Math.round(c.position.x), y: Math.round(c.position.y) }, was = layout[c.id];
        if (was === undefined || was.x !== at.x || was.y !== at.y) moved[c.id] = at;
      }
      if (c.type === "select" && c.selected) onSelect?.(c.id);
    }
    if (Object.keys(moved).length > 0) onMove?.(moved);
  }, [layout, onMove, onSelect]);
  const edgesChange = useCallback((all: EdgeChange[]) => setEdges((es) => applyEdgeChanges(all.filter((c) => c.type !== "remove"), es)), []);
  const connected = useCallback((c: Connection) => {
    if (c.sourceHandle !== null) onConnect?.(c.source, c.sourceHandle, c.target);
  }, [onConnect]);
  const reconnected = useCallback((old: Edge, c: Connection) => {
    if (old.source !== c.source || old.sourceHandle !== c.sourceHandle) onConnect?.(old.source, old.sourceHandle ?? "", "");
    if (c.sourceHandle !== null) onConnect?.(c.source, c.sourceHandle, c.target);
  }, [onConnect]);
  const dropped = (e: DragEvent): void => {
    const kind = e.dataTransfer.getData(dragType);
    if (kind === "") return;
    e.preventDefault();
    onDrop?.(kind, flow.screenToFlowPosition({ x: e.clientX, y: e.clientY }));
  };

  return (
    <div ref={frame} className={`canvas ${p.dim ? "is-dim" : ""}`} onDrop={dropped} onDragOver={(e) => { if (e.dataTransfer.types.includes(dragType)) { e.preventDefault(); e.dataTransfer.dropEffect = "copy"; } }}>
      <ReactFlow<CardNode>
        aria-label={p.label} nodes={nodes} edges={edges} nodeTypes={nodeTypes} onNodesChange={nodesChange} onEdgesChange={edgesChange}
        onConnect={connected} onReconnect={reconnected} onPaneClick={() => onSelect?.(null)}
        onNodesDelete={(ns) => onRemove?.(ns.map((n) => n.id))} onEdgesDelete={(es) => es.forEach((e) => onConnect?.(e.source, e.sourceHandle ?? "", ""))}
        nodesDraggable={!p.frozen} nodesConnectable={!p.frozen} edgesReconnectable={!p.frozen} elementsSelectable={!p.frozen || onSelect !== undefined} nodesFocusable={!p.frozen} edgesFocusable={false}
        deleteKeyCode={p.frozen ? null : ["Delete", "Backspace"]} minZoom={whole ? smallest : 0.1} maxZoom={1.6} onInit={() => setBegun(true)} fitViewOptions={{ padding: 0.15, maxZoom: 1 }} proOptions={{ hideAttribution: true }}
        zoomOnDoubleClick={false} preventScrolling={!p.frozen} zoomOnScroll={!p.frozen}>
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

/** The box of an arrowhead; the head itself takes a quarter of it in length. A lit way has no larger one than the others. */
const arrow = 32;

/** The nodes as React Flow wants them. A node that did not change stays the same object, so that it is not drawn again. */
function draw(p: CanvasProps, old: CardNode[]): CardNode[] {
  const before = new Map(old.map((n) => [n.id, n]));
  // What has no place yet is not drawn: all of it would lie on one heap.
  return Object.entries(p.graph.nodes).flatMap(([id, n]) => {
    const at = p.layout[id] ?? before.get(id)?.position;
    if (at === undefined) return [];
    const own = p.problems.get(id) ?? [];
    const data = card(id, n, p, own);
    const was = before.get(id);
    const selected = p.selected === id;
    if (was !== undefined && was.position.x === at.x && was.position.y === at.y && was.selected === selected && sameCard(was.data, data)) return [was];
    return [{ ...was, id, type: "card", position: at, data, selected, deletable: id !== p.graph.entry, ariaLabel: `${data.title}, ${id}`, className: data.mark !== "" || !p.dim ? "" : "dimmed" }];
  });
}

function card(id: string, n: Bag, p: CanvasProps, own: Problem[]): CardData {
  const errors = own.filter((x) => x.level === "error").length, lone = own.find((x) => x.code === "unreachable_node" && x.nodeID === id);
  const type = str(n["type"]);
  return { title: caption(n, p.titles), sub: type === "terminal" && str(n["reason_code"]) !== "" ? str(n["reason_code"]) : n["locked"] === true ? `${id}, required` : id,
    type: type === "terminal" ? `end is-${str(n["outcome"])}` : type, ways: outlets(n).filter((o) => !p.frozen || o.to !== ""), note: lone !== undefined ? "Nothing leads here" : errors > 0 ? `${errors} to mend` : own.length > 0 ? `${own.length} to look at` : "", wrong: errors > 0, mark: p.marks.nodes[id] ?? "" };
}

const sameCard = (a: CardData, b: CardData): boolean =>
  a.title === b.title && a.sub === b.sub && a.type === b.type && a.note === b.note && a.wrong === b.wrong && a.mark === b.mark &&
  a.ways.length === b.ways.length && a.ways.every((o, i) => o.label === b.ways[i]?.label && o.name === b.ways[i]?.name && (o.to === "") === (b.ways[i]?.to === ""));

function drawEdges(p: CanvasProps, old: Edge[]): Edge[] {
  const before = new Map(old.map((e) => [e.id, e]));
  return edgesOf(p.graph).filter((e) => p.graph.nodes[e.to] !== undefined).map((e) => {
    const id = edgeKey(e.from, e.label);
    const lit = p.marks.edges.has(id);
    const className = `way-${e.label.replace(/\/.*/, "")}${lit ? " is-lit" : p.dim ? " dimmed" : ""}`;
    const was = before.get(id);
    if (was !== undefined && was.target === e.to && was.className === className) return was;
    return { ...was, id, source: e.from, sourceHandle: e.label, target: e.to, targetHandle: "in", className, markerEnd: { type: MarkerType.ArrowClosed, markerUnits: "userSpaceOnUse", width: arrow, height: arrow }, ...(lit ? { zIndex: 1 } : { zIndex: 0 }) };
  });
}
