import { pino } from 'pino';
import { instantOf } from '../core/base/instant.ts';
import { announce, defaultDataDir, type ServeOptions, stopped } from '../hub/main.ts';
import type { Config, SimulationConfig } from '../wire/config.ts';
import { addSimulationRoutes } from './routes.ts';
import { startSimulatedHub } from './simulated-hub.ts';

/** `fleetfix hub serve` with a configuration that has a simulation: the same hub over a simulated fleet. */
export async function serveSimulated(
  config: Config & { readonly simulation: SimulationConfig },
  options: ServeOptions,
): Promise<void> {
  const log = pino({ level: process.env.FLEETFIX_LOG ?? 'info' }, pino.destination(2));
  // Listened for from the first moment: a stop during the start must not leave the database running.
  const stopAsked = stopped();
  const simulated = await startSimulatedHub({
    config,
    dataDir: options.dataDir ?? defaultDataDir(),
    // A world that exists already keeps its own beginning, and goes on where it was.
    epoch: instantOf(Date.now()),
    ...(options.listen && { listen: options.listen }),
    extend: addSimulationRoutes,
  });
  announce(simulated);
  const { speed, planes } = config.simulation;
  process.stderr.write(
    `  simulated fleet of ${planes} control planes, ${speed} simulated seconds a second\n`,
  );
  const stop = new AbortController();
  const moving = speed > 0 ? keepMoving(simulated.pump, speed, stop.signal, log) : Promise.resolve();
  await stopAsked;
  stop.abort();
  await simulated.pump.hold();
  await moving;
  await simulated.close();
}

/** Time goes on for as long as the process does; a fault of the database stops it for a moment, not for good. */
async function keepMoving(
  pump: { runFree(speed: number, signal: AbortSignal): Promise<void> },
  speed: number,
  signal: AbortSignal,
  log: { warn(fields: object, message: string): void },
): Promise<void> {
  while (!signal.aborted) {
    try {
      await pump.runFree(speed, signal);
    } catch (problem) {
      log.warn({ problem: String(problem) }, 'simulated time stopped; it goes on in a second');
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}
