import type { StatusCause } from '../errors';

/** What validators found wrong, in the order found: the texts and reasons end up in `details.causes`. */
export class Findings {
  readonly causes: StatusCause[] = [];

  invalid(field: string | undefined, message: string): void {
    this.add('FieldValueInvalid', field, message);
  }

  required(field: string | undefined, message: string): void {
    this.add('FieldValueRequired', field, message);
  }

  duplicate(field: string, message: string): void {
    this.add('FieldValueDuplicate', field, message);
  }

  notSupported(field: string | undefined, message: string): void {
    this.add('FieldValueNotSupported', field, message);
  }

  notFound(field: string, message: string): void {
    this.add('FieldValueNotFound', field, message);
  }

  forbidden(field: string, message: string): void {
    this.add('FieldValueForbidden', field, message);
  }

  private add(reason: string, field: string | undefined, message: string): void {
    this.causes.push(field === undefined ? { reason, message } : { reason, message, field });
  }
}
