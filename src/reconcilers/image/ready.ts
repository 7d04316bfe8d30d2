import { findCondition } from '../../api/conditions.ts';
import { imageType } from '../../api/defaults.ts';
import type { Image } from '../../api/generated/image.ts';
import type { Draft } from '../draft.ts';
import type { Step } from '../step.ts';

/** Instances can be made of the image as soon as one member has it: the others fetch it from there. */
export const ready: Step<Draft<Image>, unknown> = {
  condition: 'Ready',
  run(draft) {
    const { spec, status } = draft;
    status.type = imageType(draft);
    const members = status.members ?? [];
    const count = members.filter(({ state }) => state === 'Ready').length;
    if (count > 0)
      return { kind: 'settled', message: `${count} ${count === 1 ? 'member has' : 'members have'} it` };
    const failed = members.find(({ state }) => state === 'Failed');
    const imported = findCondition(status, 'Imported');
    const trouble = failed?.message ?? (imported?.status === 'False' ? imported.message : undefined);
    if (trouble !== undefined) return { kind: 'blocked', reason: 'ImportFailed', message: trouble };
    const message = `member ${spec.source.member} has not imported ${spec.source.file} yet`;
    return { kind: 'blocked', reason: 'NotImported', message };
  },
};
