// A number as a person writes it: -1.5, −1,5 or 3/2; NaN for anything else.
function parsed(text) {
  const parts = text.replaceAll("−", "-").replaceAll(",", ".").split("/");
  if (parts.length > 2 || parts.some((part) => part.trim() === "")) return NaN;
  return parts.map(Number).reduce((a, b) => a / b);
}
