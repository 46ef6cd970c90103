'use strict';
(function () {
  const ink = '#1d2127', soft = '#5c6570', rule = '#e3e7eb', strong = '#1f4e79';
  const colours = ['#7f97ad', '#b88a5b', '#7a9a76', '#a5747f', '#8d86ab', '#6b7480', '#c3ae68', '#5d98a0'];

  function short(value) {
    if (value === 0) return '0';
    const large = Math.abs(value) >= 1000000;
    return new Intl.NumberFormat('en', {
      notation: large ? 'compact' : 'standard', maximumSignificantDigits: 3,
    }).format(value);
  }

  // Words in lines of about so many characters.
  function broken(text, width, most) {
    const lines = [''];
    text.split(' ').forEach((word) => {
      const last = lines[lines.length - 1];
      if (last !== '' && last.length + word.length >= width) lines.push(word);
      else lines[lines.length - 1] = last === '' ? word : last + ' ' + word;
    });
    if (lines.length > most) { lines.length = most; lines[most - 1] += ' …'; }
    return lines;
  }

  function colour(series, index, count) {
    if (series.emphasised) return strong;
    if (series.limit) return '#9a3b2f';
    return count === 1 ? '#4f7396' : colours[index % colours.length];
  }

  // A line from the low to the high end of each bar that has a range.
  const whiskers = {
    id: 'whiskers',
    afterDatasetsDraw(chart) {
      const along = chart.options.indexAxis === 'y' ? 'x' : 'y';
      chart.data.datasets.forEach((dataset, index) => {
        const bars = chart.getDatasetMeta(index).data;
        (dataset.ranges || []).forEach((range, at) => {
          if (!range || !bars[at]) return;
          const low = chart.scales[along].getPixelForValue(range[0]);
          const high = chart.scales[along].getPixelForValue(range[1]);
          const across = along === 'x' ? bars[at].y : bars[at].x;
          const context = chart.ctx;
          const line = (a, b, c, d) => {
            if (along === 'x') { context.moveTo(a, b); context.lineTo(c, d); }
            else { context.moveTo(b, a); context.lineTo(d, c); }
          };
          context.save();
          context.strokeStyle = ink;
          context.lineWidth = 1.25;
          context.beginPath();
          line(low, across, high, across);
          line(low, across - 4, low, across + 4);
          line(high, across - 4, high, across + 4);
          context.stroke();
          context.restore();
        });
      });
    },
  };

  function axis(label, more, ticks = {}) {
    return Object.assign({
      title: { display: label !== '', text: label, color: soft },
      grid: { color: rule, drawBorder: false },
      ticks: { color: soft, callback: short, maxTicksLimit: 7, maxRotation: 0, ...ticks },
    }, more);
  }

  function bars(chart) {
    const stacked = chart.kind === 'stacked';
    const ends = chart.series.flatMap((s) => s.ranges.filter(Boolean).flat());
    const values = axis(chart.horizontal ? chart.x_label : chart.y_label, {
      stacked, beginAtZero: true, suggestedMax: ends.length ? Math.max(...ends) : undefined,
    }, chart.horizontal ? { maxTicksLimit: 4 } : {});  // beside long names little room is left
    const names = axis(chart.horizontal ? chart.y_label : chart.x_label, {
      stacked, grid: { display: false },
      ticks: {
        color: ink, autoSkip: false, maxRotation: 0,
        font: chart.labels.length > 4 ? { size: 10.5, lineHeight: 1.05 } : undefined,
        callback(value) { return broken(this.getLabelForValue(value), chart.horizontal ? 30 : 18, chart.labels.length > 4 ? 2 : 3); },
      },
    });
    return {
      type: 'bar',
      data: {
        labels: chart.labels,
        datasets: chart.series.map((s, i) => ({
          label: s.name, data: s.values, ranges: s.ranges, skipNull: true,
          backgroundColor: colour(s, i, chart.series.length), maxBarThickness: 30,
        })),
      },
      options: {
        indexAxis: chart.horizontal ? 'y' : 'x',
        scales: chart.horizontal ? { x: values, y: names } : { x: names, y: values },
      },
    };
  }

  function points(chart) {
    const lines = chart.kind === 'curves';
    return {
      type: 'scatter',
      data: {
        datasets: chart.series.map((s, i) => ({
          label: s.name, data: s.points, showLine: lines || s.limit,
          borderColor: colour(s, i, chart.series.length),
          backgroundColor: colour(s, i, chart.series.length),
          borderWidth: s.limit ? 1.25 : 2, borderDash: s.limit ? [5, 4] : [],
          pointRadius: lines || s.limit ? 0 : s.emphasised ? 8 : s.points.length > 100 ? 2.5 : 4,
          pointHoverRadius: lines || s.limit ? 3 : s.emphasised ? 9 : 5,
          pointStyle: s.emphasised && !lines ? 'rectRot' : 'circle',
          order: s.emphasised ? 0 : 1,
        })),
      },
      options: {
        scales: {
          x: axis(chart.x_label, chart.log_x ? { type: 'logarithmic' } : {}),
          y: axis(chart.y_label, { beginAtZero: true }),
        },
      },
    };
  }

  // A line through the values of each series over the labels, its ranges shaded.
  function bands(chart) {
    const edge = (s, end, tint) => ({
      label: s.name, data: s.ranges.map((range) => range && range[end]), edge: true, order: 2,
      borderWidth: 0, pointRadius: 0, pointHitRadius: 0,
      backgroundColor: tint + '2b', fill: end === 1 ? '-1' : false,
    });
    return {
      type: 'line',
      data: {
        labels: chart.labels,
        datasets: chart.series.flatMap((s, i) => {
          const tint = colour(s, i, chart.series.length);
          const line = {
            label: s.name, data: s.values, spread: s.ranges, borderColor: tint,
            backgroundColor: tint, borderWidth: s.limit ? 1.25 : 2,
            borderDash: s.limit ? [5, 4] : [], pointRadius: s.limit ? 0 : 3, order: 1,
          };
          return s.ranges.some(Boolean) ? [edge(s, 0, tint), edge(s, 1, tint), line] : [line];
        }),
      },
      options: {
        scales: {
          x: axis(chart.x_label, { grid: { display: false }, ticks: { color: ink, maxRotation: 0 } }),
          y: axis(chart.y_label, { beginAtZero: chart.from_zero }),
        },
      },
    };
  }

  const makers = { bars, stacked: bars, curves: points, points, bands };
  const data = document.getElementById('chart-data');
  if (typeof Chart === 'undefined' || !data) return;
  Chart.defaults.font.family = '"Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif';
  Chart.defaults.font.size = 12;
  const charts = JSON.parse(data.textContent);
  document.querySelectorAll('canvas[data-chart]').forEach((canvas) => {
    const chart = charts[Number(canvas.dataset.chart)];
    const made = makers[chart.kind](chart);
    made.plugins = [whiskers];
    Object.assign(made.options, {
      animation: false, maintainAspectRatio: false, devicePixelRatio: Math.max(3, window.devicePixelRatio),
      plugins: {
        legend: {
          display: chart.series.length > 1, position: 'bottom',
          labels: {
            color: ink, usePointStyle: true, boxWidth: 8, padding: 14,
            filter: (item, shown) => !shown.datasets[item.datasetIndex].edge,
          },
        },
        tooltip: {
          filter: (item) => !item.dataset.edge,
          callbacks: {
            label(item) {
              if (item.raw && item.raw.label) return item.raw.label;
              const value = item.raw && item.raw.x !== undefined
                ? short(item.raw.x) + ', ' + short(item.raw.y) : short(item.raw);
              const range = (item.dataset.ranges || item.dataset.spread || [])[item.dataIndex];
              return item.dataset.label + ': ' + value
                + (range ? ' (' + short(range[0]) + ' to ' + short(range[1]) + ')' : '');
            },
          },
        },
      },
    });
    new Chart(canvas, made);
  });
})();
