/* Draws the charts of a hedgerow report from the JSON beside it. Nothing is fetched. */
(function () {
  "use strict";

  const spec = JSON.parse(document.getElementById("chart-data").textContent);
  const root = document.documentElement;
  const drawn = new Map(); // name -> uPlot
  const shown = new Map(); // name -> which lines the reader left switched on
  const DAY = 86400;
  const DASHED = { dashed: "dashed", edge: "dotted" };
  let range = null; // [from, to] in seconds, null for all; shared by all charts over time
  let printing = false;

  function decode(encoded) {
    const divisor = Math.pow(10, encoded.places);
    let sum = 0;
    return encoded.steps.map((step) => (step === null ? null : (sum += step) / divisor));
  }

  function decodeTimes(encoded) {
    let sum = 0;
    return encoded.steps.map((step) => encoded.start + encoded.unit * (sum += step));
  }

  const data = new Map(
    spec.charts.map((chart) => [
      chart.name,
      [
        chart.times ? decodeTimes(chart.times) : decode(chart.amounts),
        ...chart.lines.map((line) => decode(line.values)),
      ],
    ]),
  );

  const colour = (role) => getComputedStyle(root).getPropertyValue("--" + role).trim();

  function written(value, decimals) {
    if (value === null || value === undefined) return "–";
    return value.toLocaleString("en-US", {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
  }

  function short(value) {
    const size = Math.abs(value);
    const [divisor, suffix] =
      size >= 1e9 ? [1e9, "B"] : size >= 1e6 ? [1e6, "M"] : size >= 1e4 ? [1e3, "k"] : [1, ""];
    return parseFloat((value / divisor).toPrecision(6)).toLocaleString("en-US") + suffix;
  }

  /* The last value in sight, which the legend shows while nothing is pointed at. */
  function latest(plot, place) {
    const [first, last] = plot.series[0].idxs || [0, plot.data[0].length - 1];
    const values = plot.data[place];
    for (let row = last; row >= first; row--) if (values[row] !== null) return values[row];
    return null;
  }

  function stamp(seconds) {
    return seconds === null || seconds === undefined
      ? "–"
      : new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ") + " UTC";
  }

  const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

  /* Dates as the distance of the ticks asks for; the year stands where it changes. */
  function dates(_, ticks, axis, space, apart) {
    let year = null;
    return ticks.map((tick) => {
      const date = new Date(tick * 1000);
      const own = date.getUTCFullYear();
      const fresh = own !== year;
      year = own;
      const day = date.getUTCDate() + " " + MONTHS[date.getUTCMonth()];
      if (apart < DAY) return date.toISOString().slice(11, 16) + "\n" + day + (fresh ? " " + own : "");
      if (apart < 28 * DAY) return day + (fresh ? "\n" + own : "");
      if (apart < 365 * DAY) return MONTHS[date.getUTCMonth()] + (fresh ? "\n" + own : "");
      return String(own);
    });
  }

  function paths(style, many) {
    if (style === "bars") return uPlot.paths.bars({ size: [0.7, 14, many ? 1 : 2] });
    if (style === "stairs") return uPlot.paths.stepped({ align: 1 });
    return uPlot.paths.linear();
  }

  function line(chart, one, index) {
    const stroke = colour(one.role);
    const shadow = one.style === "edge";
    return {
      label: one.label + " (" + chart.unit + ")",
      show: (shown.get(chart.name) || [])[index] !== false,
      scale: "y",
      stroke: stroke,
      width: shadow ? 0.5 : one.style === "bars" ? 0 : 1.5,
      dash: one.style === "dashed" ? [6, 4] : undefined,
      fill:
        one.style === "bars" ? stroke : one.style === "area" ? stroke + "33" : undefined,
      paths: paths(one.style, one.values.steps.length > 400),
      points: { show: false },
      value: (plot, value, place, row) => {
        const asked = row === null || row === undefined;
        return written(asked && chart.times ? latest(plot, place) : value, chart.decimals);
      },
    };
  }

  function bands(chart) {
    const edges = chart.lines.flatMap((one, index) => (one.style === "edge" ? [index + 1] : []));
    return edges.length === 2 ? [{ series: edges, fill: colour("goal") + "33" }] : [];
  }

  /* Vertical lines at events, and SIMULATED across a chart whose market was made up. */
  function annotate(chart) {
    return (plot) => {
      const { ctx, bbox } = plot;
      const ratio = uPlot.pxRatio;
      ctx.save();
      ctx.beginPath();
      ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
      ctx.clip();
      ctx.font = 11 * ratio + "px system-ui, sans-serif";
      ctx.strokeStyle = ctx.fillStyle = colour("danger");
      ctx.lineWidth = ratio;
      ctx.textAlign = "left";
      ctx.textBaseline = "alphabetic";
      ctx.setLineDash([2 * ratio, 3 * ratio]);
      let free = -Infinity; // labels never overlap
      const { min, max } = plot.scales.x;
      const inSight = chart.marks.filter((mark) => mark.time >= min && mark.time <= max);
      inSight.forEach((mark) => {
        const x = plot.valToPos(mark.time, "x", true);
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
        const width = ctx.measureText(mark.label).width;
        const right = bbox.left + bbox.width;
        const left = x + width + 6 * ratio < right ? x + 4 * ratio : x - width - 4 * ratio;
        if (left > free) {
          ctx.fillText(mark.label, left, bbox.top + 12 * ratio);
          free = left + width + 4 * ratio;
        }
      });
      if (spec.simulated) {
        ctx.globalAlpha = 0.07;
        ctx.fillStyle = colour("text");
        const size = Math.min(bbox.height / 3, bbox.width / 7);
        ctx.font = "800 " + size + "px system-ui, sans-serif";
        ctx.textAlign = "center";
        ctx.textBaseline = "middle";
        ctx.fillText("SIMULATED", bbox.left + bbox.width / 2, bbox.top + bbox.height / 2);
      }
      ctx.restore();
    };
  }

  /* Room for the outermost bins of a histogram, and the whole span when nothing is zoomed. */
  function wide(plot, low, high) {
    const all = plot.data[0];
    if (low === all[0] && high === all[all.length - 1] && all.length > 1) {
      return [low - (all[1] - all[0]), high + (all[1] - all[0])];
    }
    return [low, high];
  }

  function axisRange(chart) {
    return (_, low, high) => {
      if (low === null || high === null) return [0, 1];
      if (chart.zero) {
        low = Math.min(low, 0);
        high = Math.max(high, 0);
      }
      if (low === high) [low, high] = [low - 1, high + 1];
      const pad = (high - low) * 0.06;
      return [chart.zero && low === 0 ? 0 : low - pad, chart.zero && high === 0 ? 0 : high + pad];
    };
  }

  function options(chart, width) {
    const timed = Boolean(chart.times);
    const axis = {
      stroke: colour("muted"),
      grid: { stroke: colour("grid"), width: 1 },
      ticks: { stroke: colour("grid"), width: 1 },
      font: "12px system-ui, sans-serif",
    };
    const narrow = width < 500;
    return {
      width: width,
      height: narrow ? 230 : printing ? 225 : 280,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      legend: {
        live: !printing,
        markers: { width: 2, dash: (_, place) => (place && DASHED[chart.lines[place - 1].style]) || "solid" },
      },
      cursor: {
        drag: { x: true, y: false },
        focus: { prox: -1 },
        sync: timed ? { key: "time", scales: ["x", null] } : undefined,
      },
      scales: {
        x: { time: timed, range: timed ? () => range || [spec.start, spec.end] : wide },
        y: { range: axisRange(chart) },
      },
      series: [
        {
          label: timed ? "Time" : "Daily P&L (" + spec.numeraire + ")",
          value: (plot, value) =>
            !timed ? written(value, spec.decimals) : stamp(value === null ? latest(plot, 0) : value),
        },
        ...chart.lines.map((one, index) => line(chart, one, index)),
      ],
      bands: bands(chart),
      axes: [
        timed
          ? { ...axis, space: 70, values: dates }
          : { ...axis, values: (_, ticks) => ticks.map(short) },
        {
          ...axis,
          size: narrow ? 52 : 68,
          values: (_, ticks) => ticks.map(short),
        },
      ],
      hooks: {
        draw: [annotate(chart)],
        setSeries: [
          (plot) => shown.set(chart.name, plot.series.slice(1).map((series) => series.show)),
        ],
        setSelect: [
          (plot) => {
            if (plot.select.width > 4 && timed) {
              const left = plot.posToVal(plot.select.left, "x");
              const right = plot.posToVal(plot.select.left + plot.select.width, "x");
              window.setTimeout(() => zoom([left, right]), 0);
            }
          },
        ],
      },
    };
  }

  function isTimed(chart) {
    return Boolean(chart.times);
  }

  /* Every chart over time shows the same span; null shows all. */
  function zoom(wanted) {
    range = wanted;
    spec.charts.filter(isTimed).forEach(draw);
    document.querySelectorAll("[data-span]").forEach((button) => {
      const whole = button.dataset.span === "all";
      button.setAttribute("aria-pressed", String(whole && wanted === null));
    });
    const note = document.getElementById("zoomed");
    note.textContent = wanted ? stamp(wanted[0]) + " to " + stamp(wanted[1]) : "whole span";
  }

  function draw(chart) {
    const place = document.querySelector('[data-chart="' + chart.name + '"]');
    if (!place) return;
    if (drawn.has(chart.name)) drawn.get(chart.name).destroy();
    const width = printing ? 680 : Math.max(240, place.clientWidth);
    const plot = new uPlot(options(chart, width), data.get(chart.name), place);
    plot.over.addEventListener("dblclick", () => isTimed(chart) && zoom(null));
    drawn.set(chart.name, plot);
  }

  function drawAll() {
    spec.charts.forEach(draw);
  }

  /* Arrow keys move the crosshair of the chart in focus; Escape shows the whole span. */
  function walk(event) {
    const plot = drawn.get(event.currentTarget.dataset.chart);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") zoom(null);
    if (!step || !plot) return;
    event.preventDefault();
    const jump = event.shiftKey ? 20 * step : step;
    const times = plot.data[0];
    const [first, last] = plot.series[0].idxs;
    const idle = plot.cursor.idx === null || plot.cursor.idx === undefined;
    const to = Math.min(Math.max(idle ? first : plot.cursor.idx + jump, first), last);
    plot.setCursor({ left: plot.valToPos(times[to], "x"), top: 10 });
  }

  function theme() {
    return root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  }

  function setTheme(wanted) {
    root.dataset.theme = wanted;
    const button = document.getElementById("theme");
    button.textContent = wanted === "dark" ? "Light" : "Dark";
    button.setAttribute("aria-label", "Switch to the " + (wanted === "dark" ? "light" : "dark") + " theme");
    drawAll();
  }

  function beforePrint() {
    if (printing) return;
    printing = true;
    root.dataset.screen = theme();
    root.dataset.theme = "light";
    document.querySelectorAll("details").forEach((detail) => {
      detail.dataset.was = detail.open ? "open" : "";
      detail.open = true;
    });
    drawAll();
  }

  function afterPrint() {
    printing = false;
    root.dataset.theme = root.dataset.screen || theme();
    document.querySelectorAll("details").forEach((detail) => {
      detail.open = detail.dataset.was === "open";
    });
    drawAll();
  }

  document.getElementById("theme").addEventListener("click", () =>
    setTheme(theme() === "dark" ? "light" : "dark"),
  );
  document.getElementById("print").addEventListener("click", () => window.print());
  document.querySelectorAll("[data-span]").forEach((button) =>
    button.addEventListener("click", () => {
      const days = Number(button.dataset.span);
      zoom(days ? [Math.max(spec.start, spec.end - days * DAY), spec.end] : null);
      button.setAttribute("aria-pressed", "true");
    }),
  );
  document.querySelectorAll("[data-chart]").forEach((place) => place.addEventListener("keydown", walk));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    if (!root.dataset.theme) setTheme(theme());
  });
  window.addEventListener("beforeprint", beforePrint);
  window.addEventListener("afterprint", afterPrint);
  let resizing = 0;
  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width || printing) return;
    width = window.innerWidth;
    window.clearTimeout(resizing);
    resizing = window.setTimeout(drawAll, 120);
  });

  const button = document.getElementById("theme");
  button.textContent = theme() === "dark" ? "Light" : "Dark";
  drawAll();
  root.dataset.ready = "true";
})();
