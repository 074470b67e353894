// The designs that are chosen, sorted by a column, and as CSV.

const MOST_ROWS = 100;

class Table {
  constructor(app) {
    Object.assign(this, {app, data: app.data, by: app.data.point, falls: false, most: MOST_ROWS});
    this.place = document.getElementById("table");
    this.more = document.getElementById("more");
    this.more.onclick = () => {
      this.most += MOST_ROWS;
      this.fill();
    };
    document.getElementById("csv").onclick = () => this.copy();
  }

  copy() {
    const {order} = this;
    copy(this.data.csv(order), this.app, `${countText(order.length)} points as CSV`);
  }

  columns() {
    const {data, app} = this;
    const shown = [data.point, ...data.coordinates];
    return app.chosen.only === "failed" ? shown : [...shown, ...data.objectives];
  }

  // Sorts anew: what is chosen has changed. Points without a value come last.
  sort() {
    const {data, by} = this;
    const sign = this.falls ? -1 : 1;
    const rank = (i) => {
      const value = data.value(by, i);
      return Number.isNaN(value) ? Infinity : sign * value;
    };
    this.order = this.app.chosen.points();
    const ranks = Float64Array.from({length: data.count}, (_, i) => rank(i));
    this.order.sort((one, other) =>
      ranks[one] === ranks[other] ? one - other : ranks[one] - ranks[other],
    );
    this.most = MOST_ROWS;
    this.fill();
  }

  sortBy(column) {
    this.falls = this.by === column ? !this.falls : column.goal === "max";
    this.by = column;
    this.sort();
    this.place.querySelector("th[aria-sort] button").focus();
  }

  fill() {
    const columns = this.columns();
    const head = element("tr");
    head.append(...columns.map((column) => this.heading(column)));
    if (this.app.chosen.only === "failed") head.append(element("th", "error", {scope: "col"}));
    const rows = this.order.slice(0, this.most).map((i) => this.row(i, columns));
    const [top, body] = [element("thead"), element("tbody")];
    top.append(head);
    body.append(...rows);
    this.place.replaceChildren(top, body);
    const left = this.order.length - rows.length;
    this.more.hidden = left <= 0;
    this.more.textContent = `${countText(Math.min(left, MOST_ROWS))} more of ${countText(left)}`;
  }

  heading(column) {
    const cell = element("th", "", {scope: "col", className: this.side(column)});
    const button = element("button", column.label, {
      type: "button",
      title: `Sort by ${column.name}`,
    });
    if (column === this.by) {
      cell.setAttribute("aria-sort", this.falls ? "descending" : "ascending");
      button.textContent += this.falls ? " ▼" : " ▲";
    }
    button.onclick = () => this.sortBy(column);
    cell.append(button);
    return cell;
  }

  side(column) {
    return column.words == null ? "number" : "word";
  }

  row(i, columns) {
    const {data, app} = this;
    const row = element("tr");
    row.dataset.point = i;
    row.classList.toggle("pinned", i === app.pinned);
    const mark = data.front[i] ? "◆ " : data.errors[i] == null ? "" : "× ";
    for (const column of columns) {
      const cell = element("td", "", {className: this.side(column)});
      if (column === data.point) {
        const button = element("button", `${mark}${data.text(column, i)}`, {
          type: "button",
          className: "link",
        });
        cell.append(button);
      } else cell.textContent = data.text(column, i);
      row.append(cell);
    }
    if (app.chosen.only === "failed")
      row.append(element("td", data.errors[i], {className: "word"}));
    row.onclick = () => app.pin(i);
    row.onpointerenter = () => app.point(i);
    row.onpointerleave = () => app.point(-1);
    return row;
  }

  // Marks the row of the design that is pinned, and brings it into view.
  mark() {
    for (const row of this.place.querySelectorAll("tbody tr")) {
      const is = Number(row.dataset.point) === this.app.pinned;
      row.classList.toggle("pinned", is);
      if (is) row.scrollIntoView({block: "nearest"});
    }
  }
}
