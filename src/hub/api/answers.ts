import { z } from '@hono/zod-openapi';
import type { Actor } from '../../core/approval/approval.ts';
import { actedSchema, commandSchema, declareSchema, problemSchema } from '../../wire/api.ts';
import { diffViewSchema } from '../../wire/assembly-views.ts';
import { fixTextSchema, handOffSchema } from '../../wire/hand-off.ts';
import { hubRosterSchema } from '../../wire/roster-view.ts';
import type { Same } from '../../wire/same.ts';
import { timedTestPageSchema } from '../../wire/test-times.ts';
import * as views from '../../wire/views.ts';
import type { AgentRow, Verified } from '../desk.ts';
import { EXAMPLES } from './examples.ts';

/**
 * A schema as a named component of the OpenAPI document. The library adds its methods only to schemas
 * made after it was loaded, so they are borrowed here: the schemas of wire know nothing of OpenAPI.
 */
function named<T extends z.ZodType>(id: string, schema: T, example?: unknown): T {
  const metadata = example === undefined ? {} : { examples: [example] };
  return z.ZodType.prototype.openapi.call(schema, id, metadata) as T;
}

export const Fix = named('Fix', views.fixViewSchema, EXAMPLES.fix);
export const FixOverview = named('FixRow', views.fixRowSchema, EXAMPLES.overview);
export const Plan = named('Plan', views.planViewSchema, EXAMPLES.plan);
export const Diff = named('Diff', diffViewSchema, EXAMPLES.diff);
export const Why = named('Why', views.whyViewSchema, EXAMPLES.why);
export const RolloutGrid = named('Grid', views.gridSchema, EXAMPLES.grid);
export const Targets = named('TargetPage', views.targetPageSchema, { items: [EXAMPLES.target], total: 1 });
export const HandOffAnswer = named('HandOff', handOffSchema, EXAMPLES.handOff);
export const FixTextAnswer = named('FixText', fixTextSchema, EXAMPLES.text);
export const Timeline = named('TimelineEntry', views.timelineEntrySchema, EXAMPLES.entry);
export const ControlPlane = named('ControlPlane', views.controlPlaneViewSchema, EXAMPLES.plane);
export const EvidencePage = named('Evidence', views.evidencePageSchema);
export const GateHistory = named('GatePage', views.gatePageSchema, {
  items: [EXAMPLES.gate],
  recall: [EXAMPLES.recall],
});
export const TimedTests = named('TimedTestPage', timedTestPageSchema, EXAMPLES.timedTests);
export const Debt = named('Debt', views.debtRowSchema, EXAMPLES.debt);
export const RosterAnswer = named('Roster', hubRosterSchema, EXAMPLES.roster);
export const Agent = named('Agent', views.agentRowSchema);
export const NewInvitation = named('NewInvitation', views.newInvitationSchema);
export const Invitation = named('Invitation', views.invitationSchema);
export const RevokedAgent = named('RevokedAgent', views.revokedAgentSchema);
export const VerifiedLedger = named('Verified', views.verifiedSchema, EXAMPLES.verified);
export const ReplayedFix = named('Replayed', views.replayedSchema, EXAMPLES.replayed);
export const ForecastAnswer = named('Forecast', views.forecastSchema, EXAMPLES.forecast);
export const TriedPace = named('Tried', views.triedSchema, EXAMPLES.tried);
export const Person = named('Person', views.actorSchema);
export const NewPerson = named('NewPerson', views.newPersonSchema);
export const Issued = named('Issued', views.issuedSchema);
export const ActedAnswer = named('Acted', actedSchema, EXAMPLES.acted);
export const Declaration = named('Declaration', declareSchema);
export const Act = named('Command', commandSchema, { do: 'pause', reason: 'error rate looks odd' });
export const ProblemAnswer = named('Problem', problemSchema);

export const itemsOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item).readonly() });

/** As wire/views.ts proves for core: a schema that drifts from what the desk answers does not compile. */
const _sameAsDesk: readonly [
  Same<z.output<typeof views.verifiedSchema>, Verified>,
  Same<z.output<typeof views.agentRowSchema>, AgentRow>,
  Same<z.output<typeof views.actorSchema>, Actor>,
] = [true, true, true];
