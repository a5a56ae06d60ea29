"use strict";
// Plots as inline SVG. Text only ever enters the page as text nodes and attributes: a name cannot become markup.

const SVG = "http://www.w3.org/2000/svg";

function element(tag, attributes = {}, ...children) {
  const node = attributes.svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name !== "svg") node.setAttribute(name === "cls" ? "class" : name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}
const shape = (tag, attributes, ...children) => element(tag, { svg: true, ...attributes }, ...children);

// 1234567 as "1.23 M"; small numbers keep their digits.
function short(value) {
  for (const [unit, letter] of [[1e9, " G"], [1e6, " M"], [1e3, " k"]]) {
    if (Math.abs(value) >= unit) return digits(value / unit) + letter;
  }
  return digits(value);
}
function digits(value) {
  if (value !== 0 && Math.abs(value) < 1e-4) return value.toExponential(1);
  return Number(value.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 6, useGrouping: false });
}
const whole = (value) => Math.round(value).toLocaleString("en");
function duration(us) {
  if (us >= 1e6) return digits(us / 1e6) + " s";
  if (us >= 1e3) return digits(us / 1e3) + " ms";
  return digits(us) + " µs";
}

// Scales: from values to the 0..1 of an axis, and where its ticks stand.
function linear(low, high) {
  const step = niceStep((high - low) / 5);
  const top = Math.max(low + step, Math.ceil(high / step - 1e-9) * step);
  const ticks = [];
  for (let tick = low; tick <= top + step / 1000; tick += step) ticks.push(tick);
  return { at: (value) => (value - low) / (top - low), ticks };
}
function niceStep(rough) {
  if (!(rough > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough * 0.999);
}
// Decades; low and high above 0.
function logarithmic(low, high) {
  const from = Math.floor(Math.log10(low)), to = Math.max(from + 1, Math.ceil(Math.log10(high)));
  const ticks = [];
  for (let power = from; power <= to; ++power) ticks.push(10 ** power);
  return { at: (value) => (Math.log10(Math.max(value, 10 ** from)) - from) / (to - from), ticks };
}
function exactly(low, high, ticks) {
  return { at: (value) => (high > low ? (value - low) / (high - low) : 0.5), ticks };
}

const FRAME = { width: 520, height: 220, left: 58, right: 14, top: 8, bottom: 26 };

// series: [{name, colour, points: [[x, y or null], ...]}], drawn in one frame; `x`, `y`: scales with a `label(value)`;
// `shades`: [[from, to], ...] on the x axis, what does not count.
function plot({ title, series, x, y, shades = [], wide = false, note = "" }) {
  const frame = { ...FRAME, width: wide ? 1080 : FRAME.width };
  const box = shape("svg", { viewBox: `0 0 ${frame.width} ${frame.height}`, role: "img", "aria-label": title });
  const across = (value) => frame.left + x.at(value) * (frame.width - frame.left - frame.right);
  const up = (value) => frame.height - frame.bottom - y.at(value) * (frame.height - frame.top - frame.bottom);
  drawAxes(box, frame, x, y, across, up);
  for (const [from, to] of shades) {
    box.append(shape("rect", { cls: "shade", x: across(from), y: frame.top, width: Math.max(0, across(to) - across(from)),
                               height: frame.height - frame.top - frame.bottom }));
  }
  for (const one of series) drawSeries(box, one, across, up);
  const holder = element("div", { cls: "plot" }, box);
  if (series.some((one) => one.points.length)) addCursor(holder, box, frame, series, x, y, across);
  return element("section", { cls: wide ? "card wide" : "card" }, element("h2", {}, title), legend(series, note), holder);
}

function drawAxes(box, frame, x, y, across, up) {
  for (const tick of y.ticks) {
    box.append(shape("line", { cls: "grid", x1: frame.left, x2: frame.width - frame.right, y1: up(tick), y2: up(tick) }),
               shape("text", { x: frame.left - 8, y: up(tick) + 4, "text-anchor": "end" }, y.label(tick)));
  }
  const bottom = frame.height - frame.bottom;
  box.append(shape("line", { cls: "axis", x1: frame.left, x2: frame.width - frame.right, y1: bottom, y2: bottom }));
  for (const tick of x.ticks) {
    box.append(shape("text", { x: across(tick), y: bottom + 17, "text-anchor": "middle" }, x.label(tick)));
  }
}

// A missing figure is a gap; one between two gaps, a dot.
function drawSeries(box, one, across, up) {
  let path = "", pen = "M";
  one.points.forEach(([at, value], index) => {
    if (value === null || value === undefined) { pen = "M"; return; }
    path += `${pen}${across(at).toFixed(1)} ${up(value).toFixed(1)}`;
    const next = one.points[index + 1];
    if (pen === "M" && (!next || next[1] === null || next[1] === undefined)) path += "h0.1";
    pen = "L";
  });
  box.append(shape("path", { cls: "series", d: path, style: `stroke: var(--${one.colour})` }));
}

function legend(series, note) {
  const entries = series.map((one) => element("span", {}, element("i", { style: `background: var(--${one.colour})` }), one.name));
  return element("div", { cls: "legend" }, entries, note ? element("span", {}, note) : null);
}

// Where the pointer is, the figures of the nearest point.
function addCursor(holder, box, frame, series, x, y, across) {
  const line = shape("line", { cls: "cursor", y1: frame.top, y2: frame.height - frame.bottom });
  const tip = element("div", { cls: "tip" });
  box.append(line);
  holder.append(tip);
  const longest = series.reduce((a, b) => (b.points.length > a.points.length ? b : a)).points;
  box.addEventListener("pointermove", (event) => {
    const scale = frame.width / box.getBoundingClientRect().width;
    const pointer = (event.clientX - box.getBoundingClientRect().left) * scale;
    const at = longest.reduce((a, b) => (Math.abs(across(b[0]) - pointer) < Math.abs(across(a[0]) - pointer) ? b : a))[0];
    line.setAttribute("x1", across(at));
    line.setAttribute("x2", across(at));
    line.style.visibility = tip.style.visibility = "visible";
    tip.replaceChildren(element("b", {}, x.label(at)), ...series.flatMap((one) => tipLine(one, at, y)));
    const left = across(at) / scale;
    const room = box.getBoundingClientRect().width - left;
    tip.style.top = "6px";
    tip.style.left = room > tip.offsetWidth + 20 ? `${left + 10}px` : `${left - tip.offsetWidth - 10}px`;
  });
  box.addEventListener("pointerleave", () => { line.style.visibility = tip.style.visibility = "hidden"; });
}
function tipLine(one, at, y) {
  const point = one.points.find(([where]) => where === at);
  if (!point || point[1] === null || point[1] === undefined) return [];
  return [element("br"), `${one.name}: ${(y.exact || y.label)(point[1])}`];
}
