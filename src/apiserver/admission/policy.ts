import type { AdmissionRule } from './admission-rule.ts';

export const admitPolicy: AdmissionRule = () => undefined;
