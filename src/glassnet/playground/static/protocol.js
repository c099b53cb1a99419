/**
 * What Python answers, as types: nothing here runs.
 *
 * @typedef {{name: string, title: string, sentence: string}} Story
 * @typedef {{key: string, title: string, help: string, kind: string, live: boolean, options?: any[], optional?: string, min?: number, max?: number}} Control
 * @typedef {{version: string, fast: boolean, limits: {units: number, layers: number}, stories: Story[], datasets: string[], controls: Control[],
 *   activations: {name: string, help: string}[], languages: {name: string, title: string}[]}} About
 * @typedef {{units: number, activation: string, dropout: number, batch_norm: boolean}} Layer
 * @typedef {{title: string, story: string | null, sentence: string, data: string, network: string, parts: string, parameters: number,
 *   choices: Record<string, any>, fixed: string[], remarks: string[]}} Setup
 * @typedef {{index: number, name: string, ask: string}} Unit
 * @typedef {{kind: string, title: string[], layer: number, size: number, units: Unit[], hidden: number, array: string | null, bias: string | null}} Column
 * @typedef {{n: number, columns: Column[], parameters: number, edges_total: number, edges_shown: number}} Topology
 * @typedef {{rows: number, held_out: number, classes: string[] | null, target: string, columns: string[], axes: number[] | null,
 *   image: [number, number] | null, names: string[], range: [[number, number], [number, number]]}} Data
 * @typedef {{kind: "map" | "image" | "histogram", width: number, height: number}} Form
 * @typedef {{k: number, from_step: number, last_step: number}} Branch
 * @typedef {{rev: number, step: number, epoch: number, batch: number, batches: number, cursor: number, row: number, row_name: string, branch: number,
 *   branches: Branch[], last: number, flags: {step: number, text: string}[], loss: number | null, texts: Record<string, string>,
 *   outputs: [string, number, string][], said: string, target: string, right: boolean | null, row_loss_text: string, status: string, driver: boolean,
 *   stopped: {reason: string, message: string} | null, broken: {message: string, step: number} | null, thickest: number | null, tiles: (Form | null)[],
 *   map: {kind: string, lo: number, hi: number, note: string} | null, confusion: {labels: string[], counts: number[][], of: string} | null}} Frame
 *
 * @typedef {[string, number[]]} Weight
 * @typedef {{name: string, text: string, value: number, divides: boolean, weight: Weight | null}} Factor
 * @typedef {{label: string, factors: Factor[], value: number, text: string, negative: boolean}} Term
 * @typedef {{terms: Term[], others: number, others_text: string, text: string, about: boolean}} Sum
 * @typedef {{name: string, formula: string, numbers: string, text: string, said: string, about: boolean, assigns: boolean, reason: string, sum: Sum | null, wheres: Line[]}} Line
 * @typedef {{columns: string[], rows: {label: string, cells: string[]}[], left_out: string}} Grid
 * @typedef {{name: string, formula: string, reason: string, note: string, lines: Line[], grid: Grid | null}} Entry
 * @typedef {{title: string, level: number, note: string, entries: Entry[]}} Section
 * @typedef {{title: string, notes: string[], sections: Section[]}} Explanation
 *
 * @typedef {{n: number, name: string, cells: string[], target: string, said: string, output: string, right: boolean | null, held_out: boolean}} Row
 * @typedef {{name: string, rows: number, columns: {name: string, kind: string, example: string, remarks: string[]}[], targets: string[]}} Table
 * @typedef {{name: string, evidence: string[], why: string, change: string, proven: boolean}} Cause
 * @typedef {{title: string, said: string[], standing: string, causes: Cause[], proof: string[], ends: string[], notes: string[], code: string,
 *   remedy: {text: string, changes: Record<string, any>} | null}} Diagnosis
 * @typedef {{title: string, learnt: number, seeds: number, counts_as_learnt: string, note: string, ends: string[], odds: string[], mine: number}} Lottery
 */

export {};
