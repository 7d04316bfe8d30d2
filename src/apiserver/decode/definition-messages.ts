/**
 * The messages of CustomResourceDefinitions, which Go programs write that bring their own. Written as in the table of
 * the others; `flag` is a truth value that JSON leaves out when it is false.
 */
export const definitionMessages: Readonly<Record<string, string>> = {
  CustomResourceDefinition:
    '1 metadata ObjectMeta, 2 spec CustomResourceDefinitionSpec, 3 status CustomResourceDefinitionStatus',
  CustomResourceDefinitionSpec:
    '1 group string, 3 names CustomResourceDefinitionNames, 4 scope string, ' +
    '7 versions CustomResourceDefinitionVersion[], 9 conversion CustomResourceConversion, ' +
    '10 preserveUnknownFields flag',
  CustomResourceDefinitionNames:
    '1 plural string, 2 singular string, 3 shortNames string[], 4 kind string, 5 listKind string, ' +
    '6 categories string[]',
  CustomResourceDefinitionVersion:
    '1 name string, 2 served bool, 3 storage bool, 4 schema CustomResourceValidation, ' +
    '5 subresources CustomResourceSubresources, 6 additionalPrinterColumns CustomResourceColumnDefinition[], ' +
    '7 deprecated flag, 8 deprecationWarning string, 9 selectableFields SelectableField[]',
  CustomResourceConversion: '1 strategy string, 2 webhook WebhookConversion',
  WebhookConversion: '3 conversionReviewVersions string[]',
  CustomResourceValidation: '1 openAPIV3Schema JSONSchemaProps',
  CustomResourceSubresources: '1 status Nothing, 2 scale CustomResourceSubresourceScale',
  CustomResourceSubresourceScale:
    '1 specReplicasPath string, 2 statusReplicasPath string, 3 labelSelectorPath string',
  CustomResourceColumnDefinition:
    '1 name string, 2 type string, 3 format string, 4 description string, 5 priority int, 6 jsonPath string',
  SelectableField: '1 jsonPath string',
  CustomResourceDefinitionStatus:
    '1 conditions CustomResourceDefinitionCondition[], 2 acceptedNames CustomResourceDefinitionNames, ' +
    '3 storedVersions string[]',
  CustomResourceDefinitionCondition:
    '1 type string, 2 status string, 3 lastTransitionTime time, 4 reason string, 5 message string',
  JSONSchemaProps:
    '1 id string, 2 $schema string, 3 $ref string, 4 description string, 5 type string, 6 format string, ' +
    '7 title string, 8 default json, 9 maximum double, 10 exclusiveMaximum flag, 11 minimum double, ' +
    '12 exclusiveMinimum flag, 13 maxLength int, 14 minLength int, 15 pattern string, 16 maxItems int, ' +
    '17 minItems int, 18 uniqueItems flag, 19 multipleOf double, 20 enum json[], 21 maxProperties int, ' +
    '22 minProperties int, 23 required string[], 24 items schemaOrArray, 25 allOf JSONSchemaProps[], ' +
    '26 oneOf JSONSchemaProps[], 27 anyOf JSONSchemaProps[], 28 not JSONSchemaProps, ' +
    '29 properties JSONSchemaPropsEntry{}, 30 additionalProperties schemaOrBool, ' +
    '31 patternProperties JSONSchemaPropsEntry{}, 32 dependencies JSONSchemaPropsEntry{}, ' +
    '33 additionalItems schemaOrBool, 34 definitions JSONSchemaPropsEntry{}, 35 externalDocs ExternalDocumentation, ' +
    '36 example json, 37 nullable flag, 38 x-kubernetes-preserve-unknown-fields bool, ' +
    '39 x-kubernetes-embedded-resource flag, 40 x-kubernetes-int-or-string flag, ' +
    '41 x-kubernetes-list-map-keys string[], 42 x-kubernetes-list-type string, ' +
    '43 x-kubernetes-map-type string, 44 x-kubernetes-validations ValidationRule[]',
  Json: '1 raw bytes',
  JSONSchemaPropsEntry: '1 key string, 2 value JSONSchemaProps',
  SchemaOrBool: '1 allows bool, 2 schema JSONSchemaProps',
  SchemaOrArray: '1 schema JSONSchemaProps, 2 schemas JSONSchemaProps[]',
  ExternalDocumentation: '1 description string, 2 url string',
  ValidationRule:
    '1 rule string, 2 message string, 3 messageExpression string, 4 reason string, 5 fieldPath string, ' +
    '6 optionalOldSelf bool',
};
