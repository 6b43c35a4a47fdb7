/** The parts of an OpenAPI 3.0 document that the reference shows. */
export interface Document {
  info: { title: string; description: string };
  tags: { name: string; description: string }[];
  paths: Record<string, PathItem>;
  components: {
    schemas: Record<string, Schema>;
    parameters: Record<string, Parameter>;
    requestBodies: Record<string, RequestBody>;
    responses: Record<string, Response>;
    securitySchemes: Record<string, { in: string; name: string; description?: string }>;
  };
}

/** The methods of OpenAPI's path items, in the order of the reference. */
export const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;
/** A method of a path item. */
export type Method = (typeof methods)[number];

/** The operations of a path, and the parameters that they share. */
export type PathItem = { parameters?: Ref<Parameter>[] } & Partial<Record<Method, Operation>>;

/** One operation. */
export interface Operation {
  tags: [string];
  operationId: string;
  summary: string;
  description?: string;
  parameters?: Ref<Parameter>[];
  requestBody?: Ref<RequestBody>;
  responses: Record<string, Ref<Response>>;
  security?: object[];
}

/** A parameter of an operation. */
export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema: Ref<Schema>;
  example?: unknown;
}

/** The body of a request. */
export interface RequestBody {
  description?: string;
  required?: boolean;
  content: Content;
}

/** A response. */
export interface Response {
  description: string;
  headers?: Record<string, Ref<{ description?: string }>>;
  content?: Content;
}

/** The forms of a body, by media type. */
export type Content = Record<
  string,
  { schema?: Ref<Schema>; example?: unknown; examples?: Record<string, { summary?: string; value: unknown }> }
>;

/** A schema. */
export interface Schema {
  type?: string;
  format?: string;
  description?: string;
  nullable?: boolean;
  properties?: Record<string, Ref<Schema>>;
  required?: string[];
  items?: Ref<Schema>;
  additionalProperties?: boolean | Ref<Schema>;
  allOf?: Ref<Schema>[];
  oneOf?: Ref<Schema>[];
  enum?: unknown[];
  default?: unknown;
  example?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  pattern?: string;
}

/** A value, or a reference to one in the components. */
export type Ref<T> = T | { $ref: string };

/** Returns the referenced name: `Job` of `#/components/schemas/Job`. Undefined if the value is not a reference. */
export function refName(value: object): string | undefined {
  return '$ref' in value && typeof value.$ref === 'string' ? value.$ref.split('/').at(-1) : undefined;
}

/** Returns the value, or the component that it refers to. Throws if the component does not exist. */
export function resolve<T extends object>(value: Ref<T>, components: Record<string, T>): T {
  const name = refName(value);
  if (name === undefined) return value as T;
  const found = components[name];
  if (!found) throw new Error(`the OpenAPI document has no component ${name}`);
  return found;
}
