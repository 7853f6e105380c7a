package main

import (
	"context"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

type handler struct {
	judges map[string]*judge
}

// Handle answers a review with every mistake at once, in the form that kubectl prints a bullet for each of.
func (h handler) Handle(ctx context.Context, request admission.Request) admission.Response {
	kind := request.Kind.Kind
	judge, known := h.judges[kind]
	if !known {
		return admission.Allowed("")
	}
	object := map[string]any{}
	if err := json.Unmarshal(request.Object.Raw, &object); err != nil {
		return admission.Errored(http.StatusBadRequest, err)
	}
	mistakes := judge.judge(ctx, kind, object)
	if len(mistakes) == 0 {
		return admission.Allowed("")
	}
	status := apierrors.NewInvalid(schema.GroupKind{Group: request.Kind.Group, Kind: kind}, request.Name, mistakes).Status()
	denied := admission.Denied("")
	denied.Result = &status
	return denied
}
