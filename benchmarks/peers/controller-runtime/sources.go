package main

import (
	"regexp"
	"strings"
	"text/template"

	"github.com/prometheus/prometheus/promql/parser"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// functions are the ones that a template of Drop may use besides Go's own.
var functions = template.FuncMap{
	"lower":      strings.ToLower,
	"upper":      strings.ToUpper,
	"trimPrefix": func(prefix, text string) string { return strings.TrimPrefix(text, prefix) },
	"trimSuffix": func(suffix, text string) string { return strings.TrimSuffix(text, suffix) },
	"replace":    func(from, to, text string) string { return strings.ReplaceAll(text, from, to) },
}

var queries = parser.NewParser(parser.Options{})

// sourceMistakes is what no schema can say of a DiscoveryPolicy: patterns, templates and queries that cannot be read.
func sourceMistakes(object map[string]any) field.ErrorList {
	var mistakes field.ErrorList
	spec := field.NewPath("spec")
	for _, name := range []string{"imageFilter", "excludeFilter"} {
		mistakes = append(mistakes, patternMistakes(object, spec.Child(name), "spec", name)...)
	}
	sources, _, _ := unstructured.NestedSlice(object, "spec", "sources")
	for index, item := range sources {
		source, _ := item.(map[string]any)
		path := spec.Child("sources").Index(index)
		mistakes = append(mistakes, patternMistakes(source, path.Child("registry", "tagFilter"), "registry", "tagFilter")...)
		mistakes = append(mistakes, templateMistakes(source, path.Child("registry", "imageTemplate"))...)
		query, _, _ := unstructured.NestedString(source, "prometheus", "query")
		if query == "" {
			continue
		}
		if _, err := queries.ParseExpr(query); err != nil {
			mistakes = append(mistakes, field.Invalid(path.Child("prometheus", "query"), query, err.Error()))
		}
	}
	return mistakes
}

func patternMistakes(object map[string]any, path *field.Path, fields ...string) field.ErrorList {
	text, _, _ := unstructured.NestedString(object, fields...)
	if _, err := regexp.Compile(text); err != nil {
		return field.ErrorList{field.Invalid(path, text, err.Error())}
	}
	return nil
}

// templateMistakes reads a template and fills it in once, as Drop does.
func templateMistakes(source map[string]any, path *field.Path) field.ErrorList {
	text, _, _ := unstructured.NestedString(source, "registry", "imageTemplate")
	if text == "" {
		return nil
	}
	parsed, err := template.New("").Funcs(functions).Parse(text)
	if err != nil {
		return field.ErrorList{field.Invalid(path, text, err.Error())}
	}
	var image strings.Builder
	trial := map[string]string{"Registry": "registry.example", "Repository": "library/nginx", "Tag": "v1.2.3"}
	if err := parsed.Execute(&image, trial); err != nil {
		return field.ErrorList{field.Invalid(path, text, err.Error())}
	}
	return nil
}
