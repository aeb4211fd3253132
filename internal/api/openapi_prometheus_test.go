package api

import "github.com/zol0/zol0/internal/query"

// success is Prometheus's frame around the data of an answer.
func success(data object) object {
	texts := object{"type": "array", "items": object{"type": "string"}}
	return object{
		"type": "object", "required": []any{"status", "data"},
		"properties": object{"status": object{"const": "success"}, "data": data, "warnings": texts, "infos": texts},
	}
}

// ofPrometheus are the shapes of Prometheus's API, which no type of ours declares: its answers
// are written piece by piece. Real answers are held against them.
func ofPrometheus() object {
	text := object{"type": "string"}
	list := func(of object) object { return object{"type": "array", "items": of} }
	labels := object{"type": "object", "additionalProperties": text}
	point := object{
		"description": "seconds since 1970 and the value as text", "type": "array",
		"prefixItems": []any{object{"type": "number"}, text}, "minItems": 2, "maxItems": 2,
	}
	result := func(kind string, of object) object {
		return object{"type": "object", "required": []any{"resultType", "result"}, "properties": object{"resultType": object{"const": kind}, "result": of}}
	}
	series := func(key string, of object) object {
		return list(object{"type": "object", "required": []any{"metric", key}, "properties": object{"metric": labels, key: of}})
	}
	build := object{}
	var keys []any
	for _, key := range []string{"version", "revision", "branch", "buildUser", "buildDate", "goVersion", "application", "applicationVersion"} {
		build[key] = text
		keys = append(keys, key)
	}
	meaning := object{"type": "object", "required": []any{"type", "help", "unit"}, "properties": object{"type": text, "help": text, "unit": text}}
	return object{
		"PrometheusValue": success(object{"oneOf": []any{
			result("matrix", series("values", list(point))), result("vector", series("value", point)), result("scalar", point), result("string", point),
		}}),
		"PrometheusSeries":   success(list(labels)),
		"PrometheusTexts":    success(list(text)),
		"PrometheusMetadata": success(object{"type": "object", "additionalProperties": list(meaning)}),
		"PrometheusNone":     success(object{"type": "array", "maxItems": 0}),
		"PrometheusBuild":    success(object{"type": "object", "required": keys, "properties": build}),
		"PrometheusError": object{
			"type": "object", "required": []any{"status", "errorType", "error"}, "description": "Prometheus's error: bad_data is status 400, execution 422, canceled 499, timeout and unavailable 503, internal 500",
			"properties": object{"status": object{"const": "error"}, "error": text, "errorType": object{"type": "string", "enum": []any{
				string(query.BadData), string(query.Execution), string(query.Canceled), string(query.Timeout), string(query.Unavailable), string(query.Internal),
			}}},
		},
	}
}
