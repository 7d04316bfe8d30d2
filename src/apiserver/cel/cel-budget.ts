import { CelBudgetError } from './cel-error.ts';

/** What evaluations may still cost; one budget is shared by all that belong to one request. */
export class CelBudget {
  #remaining: number;

  constructor(steps: number) {
    this.#remaining = steps;
  }

  get remaining(): number {
    return this.#remaining;
  }

  spend(steps: number): void {
    this.#remaining -= steps;
    if (this.#remaining < 0) throw new CelBudgetError();
  }
}
