"""Partners: who could fill a link, solve a technology, fit a firm or complete an alliance."""
