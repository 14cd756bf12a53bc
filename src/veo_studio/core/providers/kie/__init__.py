"""KIE.AI: a reseller with two generations of API side by side."""

from veo_studio.core.providers.kie.adapter import KieProvider as KieProvider
