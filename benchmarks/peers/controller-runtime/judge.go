package main

import (
	"context"
	"os"
	"path/filepath"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

// A judge knows one kind as the API server does: its schema, its defaults and its CEL rules.
type judge struct {
	structural *structuralschema.Structural
	schema     validation.SchemaValidator
	rules      *cel.Validator
}

// loadJudges reads one judge for each CRD in a folder, by kind.
func loadJudges(folder string) (map[string]*judge, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	judges := map[string]*judge{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.Unmarshal(text, crd); err != nil {
			return nil, err
		}
		if crd.Kind != "CustomResourceDefinition" {
			continue
		}
		if judges[crd.Spec.Names.Kind], err = newJudge(crd); err != nil {
			return nil, err
		}
	}
	return judges, nil
}

func newJudge(crd *apiextensionsv1.CustomResourceDefinition) (*judge, error) {
	props := &apiextensions.JSONSchemaProps{}
	given := crd.Spec.Versions[0].Schema.OpenAPIV3Schema
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(given, props, nil); err != nil {
		return nil, err
	}
	structural, err := structuralschema.NewStructural(props)
	if err != nil {
		return nil, err
	}
	schema, _, err := validation.NewSchemaValidator(props)
	if err != nil {
		return nil, err
	}
	rules := cel.NewValidator(structural, true, celconfig.PerCallLimit)
	return &judge{structural: structural, schema: schema, rules: rules}, nil
}

// judge gives everything that is wrong with an object, as the API server would say it, and what Drop's code adds.
func (j *judge) judge(ctx context.Context, kind string, object map[string]any) field.ErrorList {
	defaulting.Default(object, j.structural)
	mistakes := validation.ValidateCustomResource(nil, object, j.schema)
	mistakes = append(mistakes, listtype.ValidateListSetsAndMaps(nil, j.structural, object)...)
	broken, _ := j.rules.Validate(ctx, nil, j.structural, object, nil, celconfig.RuntimeCELCostBudget)
	mistakes = append(mistakes, broken...)
	if kind == "DiscoveryPolicy" {
		mistakes = append(mistakes, sourceMistakes(object)...)
	}
	return mistakes
}
