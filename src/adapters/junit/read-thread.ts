// The thread that reads a large report; started by index.ts with its file and what is asked of it.
import { parentPort, workerData } from 'node:worker_threads';
import type { ReportAsked } from '../../ports/test-report.ts';
import { gateReportIn } from './gate-report.ts';

export type Reading = { readonly path: string; readonly asked: ReportAsked };

const { path, asked } = workerData as Reading;
parentPort?.postMessage(gateReportIn(path, asked));
