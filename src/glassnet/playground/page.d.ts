/** What the page's scripts hand each other, for whoever checks them: nothing here is sent to a browser. */

declare type Store = import("./static/state.js").Store;
declare type Driver = import("./static/driver.js").Driver;
declare type Refused = import("./static/transport.js").Refused;

declare type Numbers = Float32Array | Float64Array | Uint8Array | Int32Array;
declare type Reply = { header: any; buffers: Record<string, any> }; // of Numbers
declare type Transport = { isSaved?: boolean; call(message: Record<string, any>, body?: ArrayBuffer | Uint8Array): Promise<Reply> };

declare const FILES: Record<string, string>; // by name, before the loader: in a notebook and in a saved run

// What Python says

declare type Control = {
  key: string; title: string; help: string; kind: string; live: boolean; options?: any[]; optional?: string; min?: number; max?: number;
};
declare type About = {
  version: string; limits: { units: number; layers: number }; controls: Control[];
  stories: { name: string; title: string; sentence: string }[];
  activations: { name: string; help: string }[];
  languages: { name: string; title: string }[];
};
declare type Layer = { units: number; activation: string; dropout: number; batch_norm: boolean };
declare type Setup = {
  title: string; story: string | null; sentence: string; data: string; network: string; parts: string; parameters: number;
  choices: Record<string, any>; fixed: string[]; remarks: string[];
};
declare type Unit = { index: number; name: string; ask: string };
declare type Column = {
  kind: string; title: string[]; layer: number; size: number; units: Unit[]; hidden: number; array: string | null; bias: string | null;
};
declare type Topology = { n: number; columns: Column[]; parameters: number; edges_total: number; edges_shown: number };
declare type Data = {
  rows: number; held_out: number; classes: string[] | null; target: string; columns: string[]; axes: number[] | null;
  image: [number, number] | null; names: string[]; range: [[number, number], [number, number]];
};
declare type Form = { kind: "map" | "image" | "histogram"; width: number; height: number };
declare type Frame = {
  rev: number; step: number; epoch: number; batch: number; batches: number; cursor: number; row: number; row_name: string;
  branch: number; branches: { k: number; from_step: number; last_step: number }[]; last: number;
  flags: { step: number; text: string }[]; loss: number | null; texts: Record<string, string>;
  outputs: [string, number, string][]; said: string; target: string; right: boolean | null; row_loss_text: string;
  status: string; driver: boolean; stopped: { reason: string; message: string } | null;
  broken: { message: string; step: number } | null; thickest: number | null; tiles: (Form | null)[];
  map: { kind: string; lo: number; hi: number; note: string } | null;
  confusion: { labels: string[]; counts: number[][]; of: string } | null;
};
declare type Weight = [string, number[]];
declare type Factor = { name: string; text: string; value: number; divides: boolean; weight: Weight | null };
declare type Term = { label: string; factors: Factor[]; value: number; text: string; negative: boolean };
declare type Line = {
  name: string; formula: string; numbers: string; text: string; said: string; about: boolean; assigns: boolean; reason: string;
  sum: { terms: Term[]; others: number; others_text: string; text: string; about: boolean } | null; wheres: Line[];
};
declare type Grid = { columns: string[]; rows: { label: string; cells: string[] }[]; left_out: string };
declare type Entry = { name: string; formula: string; reason: string; note: string; lines: Line[]; grid: Grid | null };
declare type Explanation = { title: string; notes: string[]; sections: { title: string; note: string; entries: Entry[] }[] };
declare type Row = {
  n: number; name: string; cells: string[]; target: string; output: string; right: boolean | null; held_out: boolean;
};
declare type Table = {
  name: string; rows: number; columns: { name: string; kind: string; example: string; remarks: string[] }[]; targets: string[];
};
declare type Diagnosis = {
  title: string; said: string[]; standing: string[]; proof: string[]; ends: string[]; notes: string[];
  causes: { name: string; evidence: string[]; why: string; change: string }[];
  remedy: { text: string; changes: Record<string, any> } | null;
};
declare type Lottery = { title: string; remedy: any; counts_as_learnt: string; note: string; ends: string[]; odds: string[]; mine: number };

// What the page keeps

declare type Question = { unit: string } | { weight: Weight } | { phase: number };
declare type Hot = { unit?: string; weight?: string } | null;
declare type Edge = { from: number; to: number; column: number; at: number; name: string; index: number[]; key: string };
declare type Palette = Record<string, string>; // colours of the style sheet by name, as the browser resolved them
declare type Colour = [number, number, number];
declare type Neuron = { x: number; y: number; column: number; unit: Unit; button: any; value: any };
declare type Hear = (event: any) => unknown;
declare type Leaf = string | number | Node | null | undefined | false;
declare type Child = Leaf | (Leaf | Leaf[])[];
declare type Props = {
  [name: string]: any;
  onclick?: Hear; onchange?: Hear; onkeydown?: Hear; onfocus?: Hear; onblur?: Hear; onpointerenter?: Hear; onpointerleave?: Hear;
  onpointerdown?: Hear; onpointermove?: Hear; onpointerup?: Hear; onpointercancel?: Hear; ontoggle?: Hear;
};
