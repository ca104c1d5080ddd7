export function drawPhone(canvas) { return { cards: new Map() }; }
