import { h } from "./dom.js";
export const gapsView = { id: "gaps", title: { zh: "缺口", en: "Gaps" }, mount() { return { update() {} }; } };
