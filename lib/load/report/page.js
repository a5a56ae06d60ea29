// The page of one result: docs/cps.md says what its members are. A member that is not there is left out.

const MARKS = {
  cut_short: "cut short", too_brief: "too brief to be trusted", disturbed_steal: "disturbed: the host gave CPU time to others",
  disturbed_drops: "disturbed: packets were lost on this side",
  time_wait_short: "TIME-WAIT was cut short: there was no room for all of it",
};
const COUNTED = { connections: "closed", requests: "answered", SYNs: "syns" };
const LATENCIES = [["handshake", "handshake", "teal"], ["first_byte", "first byte", "violet"], ["total", "total", "blue"]];
const PERCENTILES = ["p50", "p75", "p90", "p95", "p99", "p99.9", "p99.99", "p100"];
const LIMITS = { none: "nothing: the asked rate was kept", own_cpu: "this side's CPU", ports: "source ports", memory: "memory",
                 open_max: "open_max", link: "the link", other_side: "the other side" };

const percent = (share) => digits(share * 100) + " %";
const seconds = (value) => digits(value) + " s";
const nanoseconds = (ns) => duration(ns / 1000);
const words = (name) => name.replace(/_(s|ns)$/, "").replaceAll("_", " ");

function show(result) {
  const page = document.getElementById("page");
  const targets = (result.settings.targets || []).join(", ");
  document.title = `weir cps: ${result.settings.mode}, ${targets}`;
  const body = element("div");
  page.append(element("h1", {}, `${result.settings.mode} → ${targets}`),
              element("p", { cls: "lead" }, lead(result)), chooser(result, body), body,
              element("div", { cls: "tables" }, settingsTable(result.settings), machineTable(result.machine)),
              element("footer", {}, `weir ${result.version}, ${result.schema}. Latencies count from the intended start.`));
  showRun(result, 0, body);
}

function lead(result) {
  const its = result.settings, machine = result.machine || {};
  return [its.protocol, `${its.closes_first} closes first`, `${its.workers} worker${its.workers === 1 ? "" : "s"}`,
          its.rate ? `${short(its.rate)} ${result.summary.unit}/s asked` : "as fast as possible",
          `TIME_WAIT ${seconds(its.time_wait_s)}`, machine.hostname, result.started_at].filter(Boolean).join(" · ");
}

// Buttons for the runs of --repeat.
function chooser(result, body) {
  const choices = result.runs.length < 2 ? [] : result.runs;
  return element("div", { cls: "runs" }, choices.map((run, index) => {
    const button = element("button", { type: "button" }, `run ${index + 1}: ${short(run.rate)}/s`);
    button.addEventListener("click", () => showRun(result, index, body));
    return button;
  }));
}

function showRun(result, index, body) {
  const run = result.runs[index];
  if (!run) return body.replaceChildren(element("p", {}, "The run ended before anything was measured."));
  for (const [at, button] of document.querySelectorAll(".runs button").entries()) {
    button.setAttribute("aria-pressed", at === index);
  }
  body.replaceChildren(marks(result, run), heads(result, run),
                       element("div", { cls: "plots" }, timePlots(result, run), latencyPlots(run), findMaxPlot(result)),
                       element("div", { cls: "tables" }, tables(result, run)));
  return undefined;
}

function marks(result, run) {
  const mark = (kind, text) => element("span", { cls: `mark ${kind}` }, text);
  const all = run.marks.map((name) => mark("warn", MARKS[name] || words(name)));
  for (const one of result.expect || []) {
    all.push(mark(one.met ? "good" : "bad", `${one.condition}: ${one.met ? "met" : "not met"}`));
  }
  const limit = run.limited_by;
  if (limit) all.push(mark(limit.what === "none" ? "good" : "warn", `limited by ${LIMITS[limit.what] || limit.what}`));
  return element("div", { cls: "marks" }, all);
}

function head(name, value, unit, note) {
  return element("div", { cls: "card head" }, element("div", { cls: "name" }, name),
                 element("div", { cls: "value" }, value, unit ? element("span", { cls: "unit" }, unit) : null),
                 note ? element("div", { cls: "note" }, note) : null);
}

function heads(result, run) {
  const summary = result.summary, total = run.latency.total, cycles = (run.workers || []).map((one) => one.cycles_each);
  const interval = summary.runs > 1
    ? `${short(summary.rate_low_95)} to ${short(summary.rate_high_95)} (95 %, ${summary.runs} runs)`
    : `best second ${short(run.best_second)}`;
  const all = [head(`${summary.unit} a second${summary.runs > 1 ? ", mean" : ""}`,
                    short(summary.runs > 1 ? summary.rate_mean : run.rate), "/s", interval)];
  if (summary.max_rate) all.push(head("highest rate found", short(summary.max_rate), "/s"));
  if (total.count) {
    all.push(head("median, total", nanoseconds(total.percentiles_ns.p50), "", `mean ${nanoseconds(total.mean_ns)}`),
             head("99th percentile", nanoseconds(total.percentiles_ns.p99), "",
                  `99.99th ${nanoseconds(total.percentiles_ns["p99.99"])}`));
  }
  all.push(head("failed", whole(run.totals.failed), "", percent(run.errors_share)),
           head("packets a connection", digits(run.packets_per_connection), "", `${short(run.throughput_bps)}bit/s`));
  if (cycles.length) all.push(head("cycles each", whole(Math.max(...cycles)), "", "TSC, busiest worker"));
  return element("div", { cls: "heads" }, all);
}

function timePlots(result, run) {
  const series = run.series || [];
  if (!series.length) return [];
  const end = series.at(-1).at_s, unit = result.summary.unit;
  const x = { ...exactly(0, end, linear(0, end).ticks.filter((tick) => tick <= end)), label: seconds };
  const warmUp = series.filter((one) => !one.measured).map((one) => [one.at_s - one.length_s, one.at_s]);
  const note = warmUp.length ? "shaded: not measured" : "";
  const line = (name, colour, value) => ({ name, colour, points: series.map((one) => [one.at_s, value(one)]) });
  const chart = (title, lines, label) => plot({ title, series: lines, x, shades: warmUp, note,
                                                y: { ...linear(0, highest(lines)), label } });
  const each = (member) => (one) => one[member] / one.length_s;
  const charts = [
    chart(`${unit} a second`, [line("started", "amber", each(unit === "SYNs" ? "syns" : "started")),
                               line(words(COUNTED[unit] || "closed"), "blue", each(COUNTED[unit] || "closed"))], short),
    chart("open connections", [line("open", "teal", (one) => one.open), line("due, not started", "amber", (one) => one.behind)], short),
    chart("failed a second", [line("failed", "red", each("failed"))], short)];
  const answered = (member) => (one) => (one[member] > 0 ? one[member] : null);
  const latencies = [line("p50", "blue", answered("p50_ns")), line("p99", "violet", answered("p99_ns"))];
  const values = latencies.flatMap((one) => one.points.map(([, value]) => value)).filter((value) => value !== null);
  if (values.length) {
    charts.push(plot({ title: "total latency, by second", series: latencies, x, shades: warmUp, note,
                       y: { ...logarithmic(Math.min(...values), Math.max(...values)), label: nanoseconds } }));
  }
  return charts;
}
const highest = (lines) => Math.max(0, ...lines.flatMap((line) => line.points.map(([, value]) => value || 0)));

function latencyPlots(run) {
  const all = LATENCIES.filter(([name]) => run.latency[name] && run.latency[name].count);
  if (!all.length) return [];
  const ends = all.flatMap(([name]) => [run.latency[name].buckets_ns[0][0], run.latency[name].buckets_ns.at(-1)[0]]);
  const scale = { ...logarithmic(Math.max(1, Math.min(...ends)), Math.max(...ends)), label: nanoseconds };
  const densities = all.map(([name, title, colour]) => ({ name: title, colour, points: density(run.latency[name].buckets_ns, scale) }));
  const tails = all.map(([name, title, colour]) => ({ name: title, colour, points: tail(run.latency[name].buckets_ns) }));
  const nines = [0, 1, 2, 3, 4, 5].filter((power) => power <= Math.max(2, ...tails.map((one) => one.points.at(-1)[0])) + 0.01);
  const label = (power) => (power < 0.01 ? "0 %" : `${digits(100 * (1 - 10 ** -power))} %`.replace("100 %", "max"));
  return [plot({ title: "latency: how many took how long", series: densities, x: scale,
                 y: { ...linear(0, highest(densities)), label: percent } }),
          plot({ title: "latency: percentiles", series: tails, y: scale,
                 x: { ...exactly(0, nines.at(-1), nines), label: nineLabel, exact: label } })];
}
const NINES = ["0 %", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %"];
const nineLabel = (power) => NINES[power] || `${(100 * (1 - 10 ** -power)).toFixed(Math.max(0, Math.ceil(power) - 1))} %`;

// Share of all in each of 96 steps of the logarithmic axis.
function density(buckets, scale) {
  const steps = 96, shares = new Array(steps + 1).fill(0);
  const all = buckets.reduce((sum, [, count]) => sum + count, 0);
  const from = Math.log10(scale.ticks[0]), to = Math.log10(scale.ticks.at(-1));
  for (const [end, count] of buckets) shares[Math.round(scale.at(Math.max(1, end)) * steps)] += count / all;
  return shares.map((share, step) => [10 ** (from + (to - from) * step / steps), share]);
}

// Where each bucket ends: how many nines of all are at or below it, and its latency.
function tail(buckets) {
  const all = buckets.reduce((sum, [, count]) => sum + count, 0), points = [];
  let below = 0;
  for (const [end, count] of buckets) {
    points.push([-Math.log10(1 - below / all), end]);
    below += count;
  }
  const last = Math.min(5, Math.log10(all));
  return points.filter(([nines]) => nines <= last).concat([[last, buckets.at(-1)[0]]]);
}

function findMaxPlot(result) {
  const steps = (result.find_max || []).toSorted((a, b) => a.rate - b.rate);
  if (!steps.length) return null;
  const high = steps.at(-1).rate;
  const x = { ...exactly(0, high * 1.02, linear(0, high).ticks.filter((tick) => tick <= high * 1.02)), label: short };
  const lines = [{ name: "asked", colour: "amber", points: steps.map((step) => [step.rate, step.rate]) },
                 { name: "reached", colour: "blue", points: steps.map((step) => [step.rate, step.reached]) }];
  return plot({ title: "search for the highest rate", series: lines, x, y: { ...linear(0, highest(lines)), label: short }, wide: true });
}
