// The tables below the plots, and the start of it all.

function table(title, headings, rows, kind = "") {
  if (!rows.length) return null;
  const cell = (value) => element("td", { cls: kind }, value);
  const top = headings ? element("thead", {}, element("tr", {}, headings.map((text) => element("th", {}, text)))) : null;
  return element("section", { cls: "card" }, element("h2", {}, title), element("div", { cls: "scroll" },
    element("table", {}, top, element("tbody", {}, rows.map(([name, ...values]) => element("tr", {}, element("td", {}, name),
                                                                                            values.map(cell)))))));
}

function counts(object, all = false) {
  return Object.entries(object || {}).filter(([, value]) => typeof value === "number" && (all || value !== 0))
    .map(([name, value]) => [words(name), whole(value)]);
}
const orNone = (rows, text) => (rows.length ? rows : [[text, ""]]);

function tables(result, run) {
  return [totalsTable(result, run), latencyTable(run), table("failed, by reason", null, orNone(counts(run.errors), "none")),
          workersTable(run), dropsTable(run), table("TCP, this side", null, counts(run.tcp)), findMaxTable(result)];
}

function totalsTable(result, run) {
  const rows = [["measured", seconds(run.seconds)], ["rate", `${whole(run.rate)}/s`], ["best second", whole(run.best_second)]];
  rows.push(...counts(run.totals, true), ["packets a connection", digits(run.packets_per_connection)],
            ["received, all ports", bytes(run.wire.rx_bytes)], ["sent, all ports", bytes(run.wire.tx_bytes)],
            ["in TIME_WAIT at the end, this side", whole(run.time_wait_at_end)]);
  if (run.limited_by) rows.push(["limited by", element("span", {}, `${words(run.limited_by.what)}: ${run.limited_by.text}`)]);
  return table("totals", null, rows);
}
const bytes = (count) => short(count).replace(/(\d)$/, "$1 ") + "B";

function latencyTable(run) {
  const all = LATENCIES.filter(([name]) => run.latency[name] && run.latency[name].count).map(([name]) => run.latency[name]);
  if (!all.length) return null;
  const title = (name) => (name === "p100" ? "longest" : name === "p50" ? "median" : `${name.slice(1)} %`);
  const rows = PERCENTILES.map((name) => [title(name), ...all.map((one) => nanoseconds(one.percentiles_ns[name]))]);
  rows.push(["mean", ...all.map((one) => nanoseconds(one.mean_ns))], ["counted", ...all.map((one) => whole(one.count))]);
  return table("latency, from the intended start",
               ["", ...LATENCIES.filter(([name]) => run.latency[name] && run.latency[name].count).map(([, text]) => text)], rows);
}

function workersTable(run) {
  return table("workers", ["core", "busy", "cycles each", "closed", "answered"], (run.workers || []).map((one) =>
    [String(one.lcore), percent(one.busy_share), whole(one.cycles_each), whole(one.closed), whole(one.answered)]));
}

function dropsTable(run) {
  const rows = [...counts(run.drops), ...counts(run.drops.stack).map(([name, value]) => [`stack: ${name}`, value])];
  rows.push(["CPU time that the host gave to others", percent(run.steal_share)]);
  return table("packets lost on this side, by place", null, run.drops && counts(run.drops).length ? rows : [["none", ""], ...rows]);
}

function findMaxTable(result) {
  return table("search for the highest rate", ["asked", "reached", "failed", "p99", "verdict"], (result.find_max || []).map((step) =>
    [`${short(step.rate)}/s`, `${short(step.reached)}/s`, percent(step.errors_share), nanoseconds(step.p99_ns), step.good ? "good" : "too much"]));
}

function settingsTable(settings) {
  const say = (name, value) => (Array.isArray(value) ? value.join(", ") : name.endsWith("_s") ? seconds(value)
    : typeof value === "number" ? whole(value) : String(value));
  return table("settings", null, Object.entries(settings).map(([name, value]) =>
    [words(name), name === "rate" && !value ? "as fast as possible" : say(name, value)]), "text");
}

function machineTable(machine) {
  return table("machine", null, Object.entries(machine || {}).map(([name, value]) =>
    name === "tsc_hz" ? ["TSC", short(value) + "Hz"] : [words(name), typeof value === "number" ? whole(value) : String(value)]), "text");
}

show(JSON.parse(document.getElementById("result").textContent));
