export function preparePrint() {}
