"""The kernels' typed front: poses, polytopes, surfaces and what they answer."""
