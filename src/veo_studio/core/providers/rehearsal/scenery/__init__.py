"""What scenes are composed of, one module for each kind; every part adds its layers to a stage."""
