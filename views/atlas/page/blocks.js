export function drawBlocks(canvas) { return { cards: new Map() }; }
