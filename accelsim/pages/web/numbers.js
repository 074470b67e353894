// Counts, and numbers that rulers like.

function countText(number) {
  return number.toLocaleString("en");
}

// Returns the least of 1, 2 and 5 times a power of ten that is no less than a value.
function niceAbove(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((nice) => nice >= value * (1 - 1e-9));
}
