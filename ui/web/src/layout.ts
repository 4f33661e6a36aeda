// The worker that lays out drawings of workflows.
import { arrange } from "./studio/layout";
import type { Graph } from "./studio/model";

self.onmessage = (e: MessageEvent<Graph>) => self.postMessage(arrange(e.data));
