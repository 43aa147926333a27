export { FlowStrip, type FlowStripProps } from './tab/flow-strip.tsx';
export { FlowTab, type FlowTabProps } from './tab/flow-tab.tsx';
