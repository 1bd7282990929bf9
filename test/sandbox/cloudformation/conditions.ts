import { ValidationError } from './errors.ts';
import { resolve, type Scope } from './intrinsics.ts';
import type { RuleDefinition } from './template.ts';
import { isObject, sameValue, type Value } from './values.ts';

/** Evaluates a condition, which is one of the functions allowed in `Conditions` and `Rules`. */
export function holds(expression: Value, scope: Scope, at: string): boolean {
  const [name, ...others] = isObject(expression) ? Object.keys(expression) : [];
  if (!isObject(expression) || name === undefined || others.length > 0) {
    throw new ValidationError(`${at} must be a single condition function`);
  }
  const argument = expression[name] as Value;
  const operands = Array.isArray(argument) ? argument : [];
  const operand = (item: Value | undefined): Value => resolve(item ?? null, scope, at);
  switch (name) {
    case 'Condition':
      return scope.condition(String(argument));
    case 'Fn::And':
      return operands.every((item) => holds(item, scope, at));
    case 'Fn::Or':
      return operands.some((item) => holds(item, scope, at));
    case 'Fn::Not':
      return !holds(operands[0] ?? null, scope, at);
    case 'Fn::Equals':
      return sameValue(operand(operands[0]), operand(operands[1]));
    case 'Fn::Contains': {
      const [items, wanted] = operands.map(operand);
      return Array.isArray(items) && items.some((item) => sameValue(item, wanted));
    }
    default:
      throw new ValidationError(`${at}: ${name} is not supported by the sandbox`);
  }
}

/** Rejects the template when an assertion of its rules does not hold. */
export function checkRules(rules: Readonly<Record<string, RuleDefinition>>, scope: Scope): void {
  for (const [name, rule] of Object.entries(rules)) {
    const at = `Rules.${name}`;
    if (rule.RuleCondition !== undefined && !holds(rule.RuleCondition, scope, at)) continue;
    for (const { Assert, AssertDescription } of rule.Assertions) {
      if (!holds(Assert, scope, at)) {
        throw new ValidationError(
          `Template error: ${at} failed: ${AssertDescription ?? 'no reason given'}`,
        );
      }
    }
  }
}
